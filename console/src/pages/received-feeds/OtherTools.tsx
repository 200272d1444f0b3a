import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSandbox } from '../../api/me';
import { useT } from '../../i18n/messages';
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
        <Command
          label={t('receivedFeeds.tools.duckdb')}
          text="SELECT namespace, count(*) FROM 'members.parquet' GROUP BY namespace"
        />
        {feed.dataflowId && <Command label={t('receivedFeeds.tools.athena')} text={athena(feed.dataflowId)} />}
      </SpaceBetween>
    </ExpandableSection>
  );
}

/** What the ledger of the dataflow says is held, in the table that the stack registers (docs/operations.md). */
const athena = (dataflow: string) =>
  `SELECT segment, namespace, lower(to_hex(value)) AS value, disclosed_at FROM disclosures WHERE dataflow = '${dataflow}' AND withdrawn_at IS NULL`;

function Command({ label, text }: { label: string; text: string }) {
  const t = useT();
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <span className="secret">
        <CopyToClipboard
          variant="inline"
          textToCopy={text}
          copyButtonAriaLabel={t('copy.label', { what: label })}
          copySuccessText={t('copy.done')}
          copyErrorText={t('copy.failed')}
        />
      </span>
    </div>
  );
}
