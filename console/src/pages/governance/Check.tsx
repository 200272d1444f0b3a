import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FailedReads } from '../../components/FailedReads';
import { Labels } from '../../components/Labels';
import { NameOrId } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { ActionChoice, LabelChoice, SegmentChoice, SourceChoice } from './choices';
import { GovernancePage } from './GovernancePage';
import { type Action, useActions, useDataSources, useSegments } from './queries';
import { type Answer, MOST_QUESTIONS, questionsOf, type Row, rowsOf, type Subject } from './questions';
import { useWords } from './words';

interface Asked {
  subjects: Subject[];
  actions: Action[];
  isWithDrafts: boolean;
}

export default function Check() {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const known = useActions(sandbox).data?.items ?? [];
  const [segments, setSegments] = useState<string[]>([]);
  const [sources, setSources] = useState<string[]>([]);
  const [labels, setLabels] = useState<string[]>([]);
  const [codes, setCodes] = useState<string[]>([]);
  const [isWithDrafts, setWithDrafts] = useState(false);
  const [isTried, setTried] = useState(false);
  const ask = useAction(async ({ subjects, actions, isWithDrafts: includeDraft }: Asked) => {
    const body = questionsOf(subjects, actions, includeDraft);
    const answers = await bodyOf(api.POST('/sandboxes/{sandbox}/bulk-eval', { params: { path: { sandbox } }, body }));
    return { actions, rows: rowsOf(subjects, actions, answers) };
  });
  const subjects: Subject[] = [
    ...segments.map((id): Subject => ({ id, kind: 'segment' })),
    ...sources.map((id): Subject => ({ id, kind: 'dataSource' })),
    ...(labels.length > 0 ? [{ id: 'labels', kind: 'labels' as const, labels }] : []),
  ];
  const actions = known.filter(({ code }) => codes.includes(code));
  const count = subjects.length * actions.length;
  const wrong = () => {
    if (count === 0) return t('governance.check.needed');
    return count > MOST_QUESTIONS ? t('governance.check.tooMany', { count }) : undefined;
  };
  return (
    <GovernancePage tab="check">
      <div className="stack">
        <FailedReads />
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (!wrong()) ask.mutate({ subjects, actions, isWithDrafts });
          }}
        >
          <Form
            errorText={isTried ? wrong() : undefined}
            actions={
              <Button variant="primary" loading={ask.isPending}>
                {t('governance.check.do')}
              </Button>
            }
          >
            <Container
              header={
                <Header variant="h2" description={t('governance.check.description')}>
                  {t('governance.tab.check')}
                </Header>
              }
            >
              <SpaceBetween size="l">
                <FormField label={t('governance.check.segments')}>
                  <SegmentChoice chosen={segments} onChange={setSegments} />
                </FormField>
                <FormField label={t('governance.check.sources')}>
                  <SourceChoice chosen={sources} onChange={setSources} />
                </FormField>
                <FormField label={t('governance.check.labels')}>
                  <LabelChoice chosen={labels} onChange={setLabels} />
                </FormField>
                <FormField label={t('governance.check.actions')}>
                  <ActionChoice chosen={codes} onChange={setCodes} />
                </FormField>
                <Toggle checked={isWithDrafts} onChange={({ detail }) => setWithDrafts(detail.checked)}>
                  {t('governance.check.drafts')}
                </Toggle>
              </SpaceBetween>
            </Container>
          </Form>
        </form>
        <ProblemAlert error={ask.error} />
        {ask.data && <Answers {...ask.data} />}
      </div>
    </GovernancePage>
  );
}

function Answers({ actions, rows }: { actions: Action[]; rows: Row[] }) {
  const t = useT();
  const { actionName } = useWords();
  return (
    <Table
      header={<Header variant="h2">{t('governance.check.result')}</Header>}
      ariaLabels={{ tableLabel: t('governance.check.result') }}
      items={rows}
      trackBy={({ subject }) => subject.id}
      wrapLines
      columnDefinitions={[
        {
          id: 'what',
          header: t('governance.check.what'),
          cell: ({ subject }) => <SubjectName subject={subject} />,
          isRowHeader: true,
          minWidth: 200,
        },
        {
          id: 'labels',
          header: t('governance.check.carries'),
          cell: ({ answers }) => <Labels labels={labelsOf(answers[0])} />,
          minWidth: 120,
        },
        ...actions.map((action, at) => ({
          id: action.code,
          header: actionName(action),
          cell: ({ answers }: Row) => <Verdict answer={answers[at]} />,
          minWidth: 180,
        })),
      ]}
    />
  );
}

const labelsOf = (answer: Answer | undefined) => (answer && 'labels' in answer.body ? answer.body.labels : []);

function SubjectName({ subject: { id, kind, labels = [] } }: { subject: Subject }) {
  const t = useT();
  const sandbox = useSandbox();
  const segments = useSegments(sandbox).data?.items ?? [];
  const sources = useDataSources(sandbox).data?.items ?? [];
  if (kind === 'labels') return <>{t('governance.check.these', { labels: labels.join(', ') })}</>;
  const name =
    kind === 'segment'
      ? segments.find(({ segmentId }) => segmentId === id)?.name
      : sources.find(({ dataSourceId }) => dataSourceId === id)?.name;
  return <NameOrId name={name} id={id} href={placeOf(sandbox, id) ?? undefined} />;
}

function Verdict({ answer }: { answer: Answer | undefined }) {
  const t = useT();
  const { policyNamed } = useWords();
  if (!answer) return null;
  if (!('violatedPolicies' in answer.body))
    return <StatusIndicator type="error">{answer.body.detail || answer.body.title}</StatusIndicator>;
  const { violatedPolicies } = answer.body;
  if (violatedPolicies.length === 0)
    return <StatusIndicator type="success">{t('governance.check.allowed')}</StatusIndicator>;
  return (
    <>
      <StatusIndicator type="error">{t('governance.check.forbidden')}</StatusIndicator>
      {violatedPolicies.map(({ policyId, name }) => (
        <Box key={policyId} variant="small" display="block" color="text-body-secondary">
          {t('governance.check.by', {
            policy: policyId.startsWith('rf_') ? t('governance.check.terms') : policyNamed(policyId, name),
          })}
        </Box>
      ))}
    </>
  );
}
