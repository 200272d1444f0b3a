import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Wizard from '@cloudscape-design/components/wizard';
import { useQueryClient } from '@tanstack/react-query';
import { bodyOf as answerOf, ifMatch, ProblemError, type Schemas, withEtag } from 'handfast-client';
import { type ReactNode, useEffect, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { type Resource, useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { ConfigureStep } from './ConfigureStep';
import { bodyOf, EMPTY, type FeedInput, firstGap, inputOf, isChanged, missingIn, STEPS, stepAt } from './draft';
import { PartnersStep } from './PartnersStep';
import { PublishStep } from './PublishStep';
import { type Feed, feedKey, feedsKey } from './queries';
import { ReviewStep } from './ReviewStep';
import { SegmentsStep } from './SegmentsStep';
import { forgetUnsaved, holdUnsaved, type Unsaved, unsavedOf } from './unsaved';

/** From this step on the draft is the server's. */
const SAVED_FROM = STEPS.indexOf('partners');

/** What each step of the input is given. */
export interface StepProps {
  input: FeedInput;
  change: (changes: Partial<FeedInput>) => void;
  /** What the API says is wrong. */
  error: unknown;
  /** The members that are missing, once the person has tried to go on. */
  missing: readonly string[];
}

interface Props {
  /** Null for one that is not yet made. */
  feed: Feed | null;
  etag: string | null;
}

/**
 * The wizard that makes a feed or its next version. Going on saves the draft; what is not yet saved outlives a reload
 * in this tab.
 */
export function FeedWizard({ feed, etag }: Props) {
  const t = useT();
  const flash = useFlash();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const sandbox = useSandbox();
  const [search] = useSearchParams();
  const draft = useDraft(feed, etag);
  const { input } = draft;
  const step = feed ? stepAt(search.get('step')) : Math.min(stepAt(search.get('step')), SAVED_FROM - 1);
  const [triedTo, setTriedTo] = useState(0);
  const [isPreviewed, setPreviewed] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const [isSubmitted, setSubmitted] = useState(false);
  useFocusOnGap(triedTo);
  const publish = usePublish(feed);
  const home = feed ? inSandbox(sandbox, 'feeds', feed.feedId) : inSandbox(sandbox, 'feeds');

  const show = (id: string | null, to: number) => {
    const path = id ? inSandbox(sandbox, 'feeds', id, 'edit') : inSandbox(sandbox, 'feeds', 'create');
    void navigate(`${path}?step=${STEPS[to]}`, { replace: id !== feed?.feedId && id !== null });
  };
  const go = async (to: number) => {
    draft.reset();
    const gap = to > step ? firstGap(0, to, input) : null;
    if (gap !== null) {
      setTriedTo(to);
      if (gap !== step) show(feed?.feedId ?? null, gap);
      return;
    }
    // Without its segments the API takes no feed: until then it is this tab's alone.
    const saved = to > step && (feed || to >= SAVED_FROM) ? await draft.save() : feed;
    if (saved !== undefined) show(saved?.feedId ?? null, to);
  };
  const saveAndClose = async () => {
    const gap = firstGap(0, SAVED_FROM, input);
    if (gap !== null) {
      setTriedTo(SAVED_FROM);
      if (gap !== step) show(feed?.feedId ?? null, gap);
      return;
    }
    const saved = await draft.save();
    if (!saved) return;
    flash.success(t('feeds.wizard.saved', { name: saved.name }));
    void navigate(inSandbox(sandbox, 'feeds', saved.feedId));
  };
  const finish = () => {
    setSubmitted(true);
    if (!isPreviewed || !feed) return;
    publish.mutate(undefined, {
      onSuccess: ({ name, version }) => {
        flash.success(t('feeds.published', { name, version }));
        // Read anew by the next page, and not by this one, whose dry run would find nothing more to publish.
        void queries.invalidateQueries({ queryKey: feedsKey(sandbox), refetchType: 'none' });
        void navigate(home);
      },
    });
  };
  const leave = () => {
    draft.discard();
    void navigate(home);
  };
  const cancel = () => (draft.isDirty ? setLeaving(true) : leave());

  const at = STEPS[step] ?? 'configure';
  const props: StepProps = {
    input,
    change: draft.change,
    error: draft.error,
    missing: step < triedTo ? missingIn(at, input) : [],
  };
  const contents: Record<(typeof STEPS)[number], ReactNode> = {
    configure: <ConfigureStep {...props} />,
    segments: <SegmentsStep {...props} />,
    partners: <PartnersStep {...props} />,
    review: feed && <ReviewStep feed={feed} etag={etag} onEdit={(to) => show(feed.feedId, stepAt(to))} />,
    publish: feed && <PublishStep feed={feed} etag={etag} error={publish.error} onPreviewed={setPreviewed} />,
  };
  return (
    <>
      <Wizard
        activeStepIndex={step}
        isLoadingNextStep={draft.isSaving || publish.isPending}
        submitButtonText={t('feeds.publish')}
        i18nStrings={{
          stepNumberLabel: (number) => t('feeds.wizard.step', { number }),
          collapsedStepsLabel: (number, count) => t('feeds.wizard.stepOf', { number, count }),
          skipToButtonLabel: ({ title }) => t('feeds.wizard.skipTo', { title }),
          navigationAriaLabel: t('feeds.wizard.steps'),
          cancelButton: t('common.cancel'),
          previousButton: t('feeds.wizard.previous'),
          nextButton: t('feeds.wizard.next'),
          optional: t('feeds.optional'),
        }}
        onNavigate={({ detail }) => void go(detail.requestedStepIndex)}
        onCancel={cancel}
        onSubmit={finish}
        secondaryActions={
          at !== 'publish' && (
            <Button loading={draft.isSaving} onClick={() => void saveAndClose()}>
              {t('feeds.wizard.saveAndClose')}
            </Button>
          )
        }
        steps={STEPS.map((name) => ({
          title: t(`feeds.step.${name}`),
          description: t(`feeds.step.description.${name}`, { version: (feed?.version ?? 0) + 1 }),
          ...(name === 'publish' && isSubmitted && !isPreviewed && { errorText: t('feeds.publish.notYet') }),
          content: name === at && (
            <SpaceBetween size="l">
              {draft.error && <SaveProblem draft={draft} />}
              {draft.isRestored && (
                <Alert type="info" action={<Button onClick={draft.startAnew}>{t('feeds.wizard.startAnew')}</Button>}>
                  {t('feeds.wizard.restored')}
                </Alert>
              )}
              {contents[name]}
            </SpaceBetween>
          ),
        }))}
      />
      {isLeaving && (
        <ConfirmDialog
          title={t('feeds.wizard.leave.title')}
          confirm={t('feeds.wizard.leave')}
          onConfirm={async () => leave()}
          onClose={() => setLeaving(false)}
        >
          {t(feed ? 'feeds.wizard.leave.saved' : 'feeds.wizard.leave.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}

const FIELDS = ['/name', '/description', '/namespaces', '/segmentIds', '/connectionIds', '/restrictedMarketingActions'];

function SaveProblem({ draft }: { draft: Draft }) {
  const t = useT();
  const { error } = draft;
  if (!(error instanceof ProblemError) || error.status !== 412) return <ProblemAlert error={error} fields={FIELDS} />;
  return (
    <Alert
      type="warning"
      header={t('feeds.wizard.overtaken')}
      action={<Button onClick={() => void draft.takeTheirs()}>{t('feeds.wizard.takeTheirs')}</Button>}
    >
      {t('feeds.wizard.overtaken.detail')}
    </Alert>
  );
}

/** Move the focus to the first field that is missing, when the person has tried to go on without it. */
function useFocusOnGap(tried: number): void {
  useEffect(() => {
    if (tried > 0) document.querySelector<HTMLElement>('#main [aria-invalid="true"]')?.focus();
  }, [tried]);
}

type Draft = ReturnType<typeof useDraft>;

function useDraft(feed: Feed | null, etag: string | null) {
  const api = useApi();
  const queries = useQueryClient();
  const sandbox = useSandbox();
  const id = feed?.feedId ?? 'new';
  const saved = { input: feed ? inputOf(feed) : EMPTY, base: etag };
  const [restored] = useState(() => unsavedOf(sandbox, id));
  const [unsaved, setUnsaved] = useState<Unsaved>(restored ?? saved);
  const [isRestored, setRestored] = useState(restored !== null);
  const { input, base } = unsaved;
  const save = useAction(
    (body: Schemas['CreateFeed'], once): Promise<Resource<Feed>> =>
      feed
        ? withEtag(
            api.PATCH('/sandboxes/{sandbox}/feeds/{feed}', {
              params: { path: { sandbox, feed: feed.feedId } },
              body,
              headers: ifMatch(base),
            }),
          )
        : withEtag(api.POST('/sandboxes/{sandbox}/feeds', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [[...feedsKey(sandbox), 'list']] },
  );
  const begin = ({ value, etag: version }: Resource<Feed>) => {
    queries.setQueryData(feedKey(sandbox, value.feedId), { value, etag: version });
    forgetUnsaved(sandbox, id);
    setRestored(false);
    setUnsaved({ input: inputOf(value), base: version });
  };
  return {
    input,
    isDirty: isChanged(saved.input, input),
    error: save.error,
    isSaving: save.isPending,
    isRestored,
    /** Drop what was restored. */
    startAnew: () => {
      forgetUnsaved(sandbox, id);
      setRestored(false);
      setUnsaved(saved);
    },
    reset: save.reset,
    change: (changes: Partial<FeedInput>) => {
      const changed = { input: { ...input, ...changes }, base };
      holdUnsaved(sandbox, id, changed);
      setUnsaved(changed);
    },
    /** The feed as it is saved; undefined where the API refuses it. */
    save: async (): Promise<Feed | undefined> => {
      if (feed && !isChanged(inputOf(feed), input)) return feed;
      try {
        const saved = await save.mutateAsync(bodyOf(input));
        begin(saved);
        return saved.value;
      } catch {
        return undefined;
      }
    },
    discard: () => forgetUnsaved(sandbox, id),
    takeTheirs: async () => {
      const path = { sandbox, feed: id };
      begin(await withEtag(api.GET('/sandboxes/{sandbox}/feeds/{feed}', { params: { path } })));
      save.reset();
    },
  };
}

function usePublish(feed: Feed | null) {
  const api = useApi();
  const sandbox = useSandbox();
  return useAction(
    async (_: undefined, once) =>
      (await answerOf(
        api.POST('/sandboxes/{sandbox}/feeds/{feed}/publish', {
          params: { path: { sandbox, feed: feed?.feedId ?? '' } },
          headers: once,
        }),
      )) as Schemas['PublishedView'],
  );
}
