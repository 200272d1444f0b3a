import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Wizard from '@cloudscape-design/components/wizard';
import { useMutation } from '@tanstack/react-query';
import { ProblemError, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../../api/me';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { useT } from '../../../i18n/messages';
import { type Destination, type DestinationType, useOwnNamespaces, useSegments } from '../queries';
import { Violations } from '../Violations';
import { type ActivationDraft, bodyOfDraft, choose, missingIn } from './draft';
import { guess, sourcesOf } from './identities';
import { MappingStep } from './MappingStep';
import { type ActivationPreview, Preview } from './Preview';
import { ScheduleStep } from './ScheduleStep';
import { SegmentsStep } from './SegmentsStep';

type Body = Schemas['CreateActivation'];

interface Props {
  destination: Destination;
  type: DestinationType;
  initial: ActivationDraft;
  /** The activation that is edited. */
  activation?: string;
  /** Null where the deployment cannot tell. */
  dryRun: (body: Body) => Promise<ActivationPreview>;
  onSubmit: (body: Body) => Promise<unknown>;
  submit: string;
  /** Where cancelling leads. */
  back: string;
}

const REVIEW = 3;

/** Chooses segments, what they are called there and when, and as whom their members are given; then the dry run. */
export function ActivationWizard(props: Props) {
  const { destination, type, initial, activation, dryRun, onSubmit, submit, back } = props;
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [draft, setDraft] = useState(initial);
  const [step, setStep] = useState(0);
  const [missing, setMissing] = useState<string[]>([]);
  const segments = useSegments(sandbox).data?.items ?? [];
  const sources = sourcesOf(type, useOwnNamespaces(sandbox).data?.value.items ?? []);
  const preview = useMutation({ mutationFn: dryRun });
  const save = useMutation({ mutationFn: onSubmit });
  const error = save.error ?? preview.error;
  const set = (changed: Partial<ActivationDraft>) => {
    setDraft({ ...draft, ...changed });
    setMissing([]);
  };

  function go(to: number) {
    const first = [0, 1, 2].find((at) => at < to && missingIn(at, draft, type).length > 0);
    if (first !== undefined) {
      setStep(first);
      setMissing(missingIn(first, draft, type));
      return;
    }
    setMissing([]);
    save.reset();
    if (to === 2 && step < 2 && draft.mapping.length === 0) {
      const chosen = new Set(draft.segments.map(({ segmentId }) => segmentId));
      set({
        mapping: guess(
          type,
          sources,
          segments.filter(({ segmentId }) => chosen.has(segmentId)),
        ),
      });
    }
    if (to === REVIEW) preview.mutate(bodyOfDraft(draft));
    setStep(to);
  }

  const alerts = (
    <div aria-live="polite">
      {missing.map((key) => (
        <Alert key={key} type="error">
          {t(key)}
        </Alert>
      ))}
    </div>
  );
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={step === REVIEW && (save.isPending || preview.isPending)}
      submitButtonText={submit}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => void navigate(back)}
      onSubmit={() => save.mutate(bodyOfDraft(draft))}
      steps={[
        {
          title: t('destinations.wizard.segments'),
          description: t('destinations.wizard.segments.description', { name: destination.name }),
          content: (
            <SpaceBetween size="l">
              {alerts}
              <SegmentsStep
                destination={destination.destinationId}
                {...(activation !== undefined && { activation })}
                chosen={draft.segments.map(({ segmentId }) => segmentId)}
                onChange={(segmentIds) => set(choose(draft, segmentIds))}
              />
            </SpaceBetween>
          ),
        },
        {
          title: t('destinations.wizard.schedule'),
          description: t('destinations.wizard.schedule.description'),
          content: (
            <SpaceBetween size="l">
              {alerts}
              <ScheduleStep
                type={type}
                segments={draft.segments}
                onChange={(chosen) => set({ segments: chosen })}
                error={error}
              />
            </SpaceBetween>
          ),
        },
        {
          title: t('destinations.wizard.mapping'),
          description: t('destinations.wizard.mapping.description'),
          content: (
            <SpaceBetween size="l">
              {alerts}
              <MappingStep type={type} sources={sources} draft={draft} onChange={set} error={error} />
            </SpaceBetween>
          ),
        },
        {
          title: t('destinations.wizard.review'),
          description: t('destinations.wizard.review.description'),
          content: (
            <SpaceBetween size="l">
              <Refusal error={error} />
              {preview.isPending && <StatusIndicator type="loading">{t('dryRun.running')}</StatusIndicator>}
              {preview.isSuccess && <Preview preview={preview.data} />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

/** The problem, with what policies forbid and what would resolve that. */
function Refusal({ error }: { error: unknown }) {
  const t = useT();
  if (!(error instanceof ProblemError)) return <ProblemAlert error={error} />;
  const violations = (error.members.violations ?? []) as Schemas['ViolationView'][];
  const resolve = (error.members.resolve ?? []) as string[];
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} />
      {violations.length > 0 && (
        <Alert type="warning" header={t('destinations.policies')}>
          <Violations violations={violations} />
          <ul>
            {resolve.map((line) => (
              <li key={line} lang="en" dir="auto" className="breaks">
                {line}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </SpaceBetween>
  );
}
