import Alert from '@cloudscape-design/components/alert';
import { useT } from '../../../i18n/messages';
import { useLabels, useNamespaces } from '../queries';
import { namesSegments } from './body';
import { ChoicesSection } from './ChoicesSection';
import { ColumnsTable } from './ColumnsTable';
import { ConsentWords } from './ConsentWords';
import type { FileDraft } from './drafting';
import { Looked } from './Looked';
import { StoreProblem } from './StoreProblem';

/** The fields of these at which errors of the API stand. */
export const DRAFT_FIELDS = [
  '/columns',
  '/segmentId',
  '/mode',
  '/segments',
  '/renderings',
  '/dataSourceId',
  '/dialect/delimiter',
  '/fileName',
];

interface Props {
  sandbox: string;
  draft: FileDraft;
  /** It was tried to go on, so that what is missing is told. */
  hasTried: boolean;
  /** There are other files than the one that is looked at. */
  areMany: boolean;
  error: unknown;
}

/** What the columns hold, what is done with the rows, and what of the first ones would be refused. */
export function DraftFields({ sandbox, draft, hasTried, areMany, error }: Props) {
  const t = useT();
  const namespaces = useNamespaces(sandbox);
  const labels = useLabels(sandbox);
  const { look, sample, mappings } = draft;
  const isKnown = sample !== null && (look !== null || draft.hasFailed);
  return (
    <>
      {isKnown && (
        <ColumnsTable
          mappings={mappings}
          guessed={draft.guessed}
          looked={draft.looked}
          ofFolders={draft.ofFolders}
          namespaces={namespaces}
          segments={draft.segments}
          labels={labels}
          error={error}
          onChange={draft.map}
          onAdd={draft.add}
        />
      )}
      {hasTried && isKnown && !draft.isMapped && <Alert type="error">{t('segments.upload.columns.missing')}</Alert>}
      {mappings.map(
        (mapping, at) =>
          mapping.as === 'share' && (
            <ConsentWords key={mapping.column} mapping={mapping} onChange={(changed) => draft.map(at, changed)} />
          ),
      )}
      <ChoicesSection
        choices={draft.choices}
        onChange={draft.choose}
        segments={draft.listed}
        maySelect={namesSegments(mappings)}
        format={draft.format}
        isTargetMissing={hasTried && draft.isUntargeted}
        error={error}
      />
      {look && sample && draft.isMapped && (
        <Looked
          look={look}
          sample={areMany ? sample.name : null}
          isStale={draft.isStale}
          isLooking={draft.isLooking}
          onAgain={draft.lookAgain}
        />
      )}
      {draft.unsent && <StoreProblem problem={draft.unsent} again={() => draft.take(sample)} />}
    </>
  );
}
