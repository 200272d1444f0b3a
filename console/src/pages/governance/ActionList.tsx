import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { Definitions } from './Definitions';
import { GovernancePage } from './GovernancePage';
import { type Action, governanceKey, useActions } from './queries';
import { useWords } from './words';

export default function ActionList() {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const { actionName, actionText } = useWords();
  const path = (action: string) => ({ params: { path: { sandbox, action } } });
  const originOf = ({ custom }: Action) => t(custom ? 'governance.own' : 'governance.core');
  return (
    <GovernancePage tab="marketing-actions">
      <Definitions<Action>
        kind="action"
        title={t('governance.tab.marketing-actions')}
        description={t('governance.actions.description')}
        empty={t('governance.actions.empty')}
        list={useActions(sandbox)}
        columns={[
          {
            id: 'name',
            header: t('governance.actions.name'),
            cell: (action) => <Written>{actionName(action)}</Written>,
            value: actionName,
            isRowHeader: true,
            width: 270,
          },
          {
            id: 'meaning',
            header: t('governance.labels.meaning'),
            cell: (action) => <Written>{actionText(action) || t('common.none')}</Written>,
            value: actionText,
            width: 420,
          },
          {
            id: 'code',
            header: t('governance.actions.code'),
            cell: ({ code }) => code,
            value: ({ code }) => code,
            width: 220,
          },
          { id: 'origin', header: t('governance.origin'), cell: originOf, value: originOf, width: 110 },
        ]}
        filters={[
          {
            id: 'origin',
            label: t('governance.origin'),
            value: ({ custom }) => (custom ? 'own' : 'core'),
            options: [
              { value: 'core', label: t('governance.core') },
              { value: 'own', label: t('governance.own') },
            ],
          },
        ]}
        put={({ code, name, description }) =>
          api.PUT('/sandboxes/{sandbox}/marketing-actions/{action}', { ...path(code), body: { name, description } })
        }
        remove={(code) => api.DELETE('/sandboxes/{sandbox}/marketing-actions/{action}', path(code))}
        invalidates={[governanceKey(sandbox)]}
      />
    </GovernancePage>
  );
}
