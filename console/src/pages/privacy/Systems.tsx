import Box from '@cloudscape-design/components/box';
import { useCan, useSandbox } from '../../api/me';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { ByHand } from './ByHand';
import { isDoneByHand } from './board';
import type { PrivacyRequest } from './queries';
import { listOf } from './Recipients';
import { Said } from './Said';

type System = PrivacyRequest['connectors'][number];

/** The systems outside that hear of the request, and what each, and each system behind it, has answered. */
export function Systems({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const can = useCan();
  const sandbox = useSandbox();
  if (request.connectors.length === 0) return null;
  const columns: Column<System>[] = [
    {
      id: 'name',
      header: t('privacy.system'),
      cell: ({ name, connectorId }) => (
        <NameOrId
          name={name}
          id={connectorId}
          {...(can('privacy:approve') && { href: inSandbox(sandbox, 'privacy/connectors', connectorId) })}
        />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 190,
    },
    {
      id: 'told',
      header: t('privacy.told'),
      cell: ({ sentAt }) => <Time at={sentAt} exact />,
      value: ({ sentAt }) => sentAt,
      width: 215,
    },
    {
      id: 'confirmed',
      header: t('privacy.confirmed'),
      cell: ({ confirmedAt }) => <Time at={confirmedAt} exact />,
      value: ({ confirmedAt }) => confirmedAt,
      width: 215,
    },
    {
      id: 'status',
      header: t('privacy.says'),
      cell: (system) => <Answer system={system} />,
      value: ({ status, detail }) => `${t(`privacy.said.${status}`)} ${detail ?? ''}`,
      width: 240,
    },
    {
      id: 'reference',
      header: t('privacy.reference'),
      cell: ({ reference }) => (reference ? <Written>{reference}</Written> : t('common.none')),
      value: ({ reference }) => reference,
      width: 180,
    },
    {
      id: 'byHand',
      header: t('privacy.byHand'),
      cell: ({ connectorId, name, status, parts }) =>
        isDoneByHand(status) || parts.some((part) => part.status !== 'confirmed' && part.status !== 'absent') ? (
          <ByHand request={request} name={name} at={{ connectorId }} />
        ) : (
          t('common.none')
        ),
      width: 160,
    },
  ];
  return (
    <ResourceTable
      name="privacy-systems"
      title={t('privacy.systems')}
      description={t('privacy.systems.description')}
      list={listOf(request.connectors)}
      columns={columns}
      idOf={({ connectorId }) => connectorId}
      empty={{ title: t('privacy.systems') }}
    />
  );
}

function Answer({ system }: { system: System }) {
  return (
    <>
      <Said status={system.status} />
      {system.detail && (
        <Box fontSize="body-s" color="text-body-secondary">
          <span dir="auto" className="breaks answer-text">
            {system.detail}
          </span>
        </Box>
      )}
      {system.parts.length > 0 && (
        <ul className="plain names">
          {system.parts.map((part) => (
            <li key={part.name}>
              <Said status={part.status} name={part.name} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
