import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { Labels } from '../../components/Labels';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { Definitions } from './Definitions';
import { GovernancePage } from './GovernancePage';
import { governanceKey, type Label, useLabels } from './queries';
import { useWords } from './words';

const GROUPS = ['contract', 'identity', 'place', 'own'] as const;

/** What a label is about: contracts, identities, places and what is sensitive, or what the sandbox says. */
const groupOf = ({ code, custom }: Label): (typeof GROUPS)[number] => {
  if (custom) return 'own';
  if (/^I\d/.test(code)) return 'identity';
  return /^C\d/.test(code) || code === 'Third-Party' ? 'contract' : 'place';
};

export default function LabelList() {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const { labelText } = useWords();
  const path = (label: string) => ({ params: { path: { sandbox, label } } });
  return (
    <GovernancePage tab="labels">
      <Definitions<Label>
        kind="label"
        title={t('governance.tab.labels')}
        description={t('governance.labels.description')}
        empty={t('governance.labels.empty')}
        list={useLabels(sandbox)}
        columns={[
          {
            id: 'code',
            header: t('governance.labels.code'),
            cell: ({ code }) => <Labels labels={[code]} />,
            value: ({ code }) => code,
            isRowHeader: true,
            width: 170,
          },
          {
            id: 'meaning',
            header: t('governance.labels.meaning'),
            cell: (label) => <Written>{labelText(label) || label.name}</Written>,
            value: (label) => `${label.name} ${labelText(label)}`,
            width: 560,
          },
          {
            id: 'group',
            header: t('governance.labels.group'),
            cell: (label) => t(`governance.labels.group.${groupOf(label)}`),
            value: groupOf,
            width: 170,
          },
        ]}
        filters={[
          {
            id: 'group',
            label: t('governance.labels.group'),
            value: groupOf,
            options: GROUPS.map((value) => ({ value, label: t(`governance.labels.group.${value}`) })),
          },
        ]}
        put={({ code, name, description }) =>
          api.PUT('/sandboxes/{sandbox}/labels/{label}', { ...path(code), body: { name, description } })
        }
        remove={(code) => api.DELETE('/sandboxes/{sandbox}/labels/{label}', path(code))}
        invalidates={[governanceKey(sandbox)]}
      />
    </GovernancePage>
  );
}
