import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import Wizard from '@cloudscape-design/components/wizard';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { FailedReads } from '../../components/FailedReads';
import { errorAt } from '../../components/field-errors';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import type { NewUpload } from '../segments/uploads/body';
import { useFileDraft } from '../segments/uploads/drafting';
import type { Picked } from '../segments/uploads/files';
import { isWhole, KINDS, missingIn, type SourceInput, settingsOf } from './input';
import { type Kind, placeOf, type Source } from './queries';
import { ReadingStep } from './ReadingStep';
import { ScheduleStep } from './ScheduleStep';
import { SettingFields } from './SettingFields';
import { useScheduleWords } from './words';

const REVIEW = 4;

interface Props {
  initial: SourceInput;
  /** The source that is changed. */
  source?: Source;
  onSubmit: (input: SourceInput, columns: NewUpload | null) => Promise<unknown>;
  submit: string;
  /** Where cancelling leads. */
  back: string;
}

/** Sets a source up, or changes one: what and where it is, what its files hold, when it is run. */
export function SourceWizard({ initial, source, onSubmit, submit, back }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [input, setInput] = useState(initial);
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(-1);
  const [picked, setPicked] = useState<Picked | null>(null);
  const draft = useFileDraft(sandbox, {});
  const keeps = source?.secrets ?? [];
  const columns = () =>
    input.reading === 'sample' && draft.sample ? draft.body({ name: draft.sample.name, size: 0 }) : null;
  const save = useMutation({ mutationFn: () => onSubmit(input, columns()) });
  const { error } = save;
  const missingOf = (at: number) => missingIn(at, input, draft.sample !== null && draft.isComplete, keeps);
  const missing = tried === step ? missingOf(step) : [];
  const set = (changes: Partial<SourceInput>) => {
    setInput({ ...input, ...changes });
    save.reset();
  };
  const go = (to: number) => {
    const gap = [0, 1, 2, 3].find((at) => at < to && missingOf(at).length > 0);
    setTried(gap ?? -1);
    setStep(gap ?? to);
  };
  const read = input.reading === 'kept' ? (source ?? null) : { mode: draft.choices.mode };
  const whole = isWhole(input, read);
  const common = { input, onChange: set, error, missing };
  const contents = [
    <What key="what" {...common} isFixed={source !== undefined} />,
    <Container key="where" header={<Header variant="h2">{t(`sources.kind.${input.kind}`)}</Header>}>
      <SpaceBetween size="l">
        {input.kind !== 'sftp' && <Alert type="info">{t('sources.role.later')}</Alert>}
        <SettingFields {...common} keeps={keeps} />
      </SpaceBetween>
    </Container>,
    <ReadingStep
      key="reading"
      {...common}
      draft={draft}
      picked={picked}
      onPick={setPicked}
      mayKeep={source !== undefined}
      error={error ?? draft.error}
    />,
    <ScheduleStep key="when" {...common} isWhole={whole} />,
    <Review key="review" input={input} isWhole={whole} columns={draft.mappings.filter(({ as }) => as).length} />,
  ];
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={save.isPending}
      submitButtonText={submit}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => void navigate(back)}
      onSubmit={() => save.mutate()}
      steps={(['what', 'where', 'reading', 'when', 'review'] as const).map((name, at) => ({
        title: t(`sources.step.${name}`),
        description: t(`sources.step.${name}.description`),
        content: at === step && (
          <div className="stack">
            <FailedReads />
            <ProblemAlert error={error} fields={at === REVIEW ? [] : fieldsAt(at, input)} />
            {contents[at]}
          </div>
        ),
      }))}
    />
  );
}

/** The members that fields of a step stand for, whose errors are shown there. */
function fieldsAt(step: number, { kind, signIn }: SourceInput): string[] {
  const settings = settingsOf(kind, signIn).map(({ name }) => `/settings/${name}`);
  const reading = ['/columns', '/segmentId', '/mode', '/segments', '/dataSourceId', '/preset', '/fileName'];
  const when = ['/schedule', '/schedule/everyMinutes', '/schedule/timeOfDay', '/schedule/timeZone', '/takes'];
  return [['/name', '/description', '/kind'], settings, reading, when][step] ?? [];
}

interface WhatProps {
  input: SourceInput;
  onChange: (changes: Partial<SourceInput>) => void;
  error: unknown;
  missing: readonly string[];
  /** A source does not become one of another kind. */
  isFixed: boolean;
}

function What({ input, onChange, error, missing, isFixed }: WhatProps) {
  const t = useT();
  const kinds = KINDS.filter((kind) => !isFixed || kind === input.kind);
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label={t('sources.kind')} errorText={errorAt(error, '/kind')} stretch>
          <Tiles
            value={input.kind}
            columns={2}
            items={kinds.map((value) => ({
              value,
              label: t(`sources.kind.${value}`),
              description: t(`sources.kind.${value}.detail`),
            }))}
            onChange={({ detail }) => onChange({ kind: detail.value as Kind })}
          />
        </FormField>
        <FormField
          label={t('sources.name')}
          description={t('sources.name.detail')}
          errorText={missing.includes('name') ? t('sources.missing') : errorAt(error, '/name')}
        >
          <Input value={input.name} onChange={({ detail }) => onChange({ name: detail.value })} />
        </FormField>
        <FormField
          label={
            <>
              {t('sources.descriptionOf')} <i>– {t('sources.optional')}</i>
            </>
          }
          errorText={errorAt(error, '/description')}
        >
          <Textarea
            rows={2}
            value={input.description}
            onChange={({ detail }) => onChange({ description: detail.value })}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

function Review({ input, isWhole: whole, columns }: { input: SourceInput; isWhole: boolean; columns: number }) {
  const t = useT();
  const scheduleOf = useScheduleWords();
  const { when } = input;
  const schedule = {
    everyMinutes: when === 'every' ? input.everyMinutes : null,
    timeOfDay: when === 'daily' ? input.timeOfDay : null,
    timeZone: input.timeZone,
  };
  const reading = {
    kept: () => t('sources.reading.kept'),
    preset: () => t(`sources.preset.${input.preset}`),
    sample: () => t('sources.review.columns', { count: columns }),
  }[input.reading]();
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValues
          columns={2}
          items={[
            { label: t('sources.name'), value: <span dir="auto">{input.name}</span> },
            { label: t('sources.kind'), value: t(`sources.kind.${input.kind}`) },
            {
              label: t('sources.place'),
              value: (
                <span dir="auto" className="breaks">
                  {placeOf({ kind: input.kind, settings: { port: 22, ...input.settings } })}
                </span>
              ),
            },
            { label: t('sources.reading'), value: reading },
            {
              label: t('sources.schedule'),
              value: scheduleOf({ schedule, onEvents: input.kind !== 'sftp' && input.onEvents }),
            },
            { label: t('sources.takes'), value: t(`sources.takes.${whole ? 'all' : input.takes}`) },
          ]}
        />
        <Alert type="info">{t(input.kind === 'sftp' ? 'sources.review.test' : 'sources.review.role')}</Alert>
      </SpaceBetween>
    </Container>
  );
}
