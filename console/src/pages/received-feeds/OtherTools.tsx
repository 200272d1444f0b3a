import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSandbox } from '../../api/me';
import { Command } from '../../components/Command';
import { Guarded } from '../../components/Guarded';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import type { ReceivedFeed } from './queries';

/** How the members are read by the command line, by code, and where they lie. */
export function OtherTools({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const sandbox = useSandbox();
  const id = feed.receivedFeedId;
  return (
    <ExpandableSection
      variant="container"
      headerText={t('receivedFeeds.tools')}
      headerDescription={t('receivedFeeds.tools.description')}
    >
      <SpaceBetween size="m">
        <Command
          label={t('receivedFeeds.tools.export')}
          text={`handfast received-feeds export ${id} parquet --sandbox ${sandbox}`}
        />
        <Command
          label={t('receivedFeeds.tools.members')}
          text={`handfast received-feeds members ${id} --sandbox ${sandbox}`}
        />
        <SpaceBetween size="xxs">
          <Command label={t('receivedFeeds.tools.sharing')} text={pandas(id)} />
          <Guarded permission="access:manage" otherwise={t('receivedFeeds.tools.sharing.ask')}>
            <RouteLink href={inSandbox(sandbox, 'access', 'recipient-tokens')}>
              {t('receivedFeeds.tools.sharing.tokens')}
            </RouteLink>
          </Guarded>
        </SpaceBetween>
        <Command
          label={t('receivedFeeds.tools.duckdb')}
          text="SELECT namespace, count(*) FROM 'members.parquet' GROUP BY namespace"
        />
        {feed.dataflowId && <Command label={t('receivedFeeds.tools.athena')} text={athena(feed.dataflowId)} />}
      </SpaceBetween>
    </ExpandableSection>
  );
}

/** A table's name ends with what the feed's id ends with (docs/delta-sharing.md). */
const pandas = (id: string) =>
  `next(delta_sharing.load_as_pandas(f"config.share#{t.share}.{t.schema}.{t.name}") for t in delta_sharing.SharingClient("config.share").list_all_tables() if t.name.endswith("${id.slice(-8).toLowerCase()}"))`;

/** What the ledger of the dataflow says is held, in the table that the stack registers (docs/operations.md). */
const athena = (dataflow: string) =>
  `SELECT segment, namespace, lower(to_hex(value)) AS value, disclosed_at FROM disclosures WHERE dataflow = '${dataflow}' AND withdrawn_at IS NULL`;
