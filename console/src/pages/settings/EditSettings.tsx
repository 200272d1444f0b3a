import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { NotFound } from '../../layout/notices';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { Changes, Effects } from './Effects';
import { FieldInput } from './FieldInput';
import {
  changedFields,
  draftOf,
  type Field,
  GROUPS,
  type Patch,
  patchOf,
  pointerOf,
  type Settings,
  withoutNumber,
} from './fields';
import { type Preview, settingsKey, useSettings } from './queries';

export default function EditSettings() {
  const t = useT();
  const { group = '' } = useParams();
  const read = useSettings(useSandbox());
  const fields = GROUPS[group];
  if (!fields) return <NotFound />;
  if (!read.data)
    return read.error ? (
      <PageProblem title={t(`settings.group.${group}`)} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  return <Edit group={group} fields={fields} settings={read.data.value.settings} etag={read.data.etag} />;
}

interface Props {
  group: string;
  fields: Field[];
  settings: Settings;
  etag: string | null;
}

function Edit({ group, fields, settings, etag }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'settings');
  const [before] = useState(() => draftOf(settings, fields));
  const [read] = useState(etag);
  const [draft, setDraft] = useState(before);
  const [isAsking, setAsking] = useState(false);
  const [isTried, setTried] = useState(false);
  const title = t(`settings.group.${group}`);
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [{ text: t('settings.title'), href: list }, { text: title }],
  });
  const patch = (body: Patch, dryRun: boolean, signal?: AbortSignal) =>
    bodyOf(
      api.PATCH('/sandboxes/{sandbox}', {
        params: { path: { sandbox }, query: dryRun ? { dryRun } : {} },
        body: { settings: body },
        headers: ifMatch(read),
        signal,
      }),
    );
  const preview = useAction((body: Patch) => patch(body, true));
  const save = useAction((body: Patch) => patch(body, false), { invalidates: [settingsKey(sandbox)] });
  const changed = changedFields(before, draft, fields);
  const wrong = withoutNumber(draft, fields);
  const body = patchOf(before, draft, fields);
  // What the API refuses is shown at its field, before anything is asked.
  const review = () => {
    setTried(true);
    if (wrong.length === 0 && changed.length > 0) preview.mutate(body, { onSuccess: () => setAsking(true) });
  };
  const errorOf = (field: Field) =>
    isTried && wrong.includes(field.name) ? t('settings.needed') : errorAt(preview.error, pointerOf(field));
  return (
    <>
      <FormPage
        title={title}
        description={t(`settings.group.${group}.description`)}
        submit={t('settings.review')}
        disabledReason={changed.length === 0 ? t('settings.nothing') : undefined}
        error={preview.error}
        fields={fields.map(pointerOf)}
        isPending={preview.isPending}
        onSubmit={review}
        back={list}
      >
        <Container>
          <SpaceBetween size="l">
            {fields.map((field) => (
              <FieldInput
                key={field.name}
                field={field}
                value={draft[field.name] ?? ''}
                error={errorOf(field)}
                onChange={(value) => setDraft({ ...draft, [field.name]: value })}
              />
            ))}
          </SpaceBetween>
        </Container>
      </FormPage>
      {isAsking && preview.data && (
        <ConfirmDialog
          title={t('settings.save.title')}
          confirm={t('settings.save')}
          onConfirm={async () => {
            await save.mutateAsync(body);
            flash.success(t('settings.saved'));
            void navigate(list);
          }}
          onClose={() => setAsking(false)}
        >
          <div className="stack">
            <Changes before={before} after={draft} fields={changed} />
            <Effects found={preview.data as Preview} />
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}
