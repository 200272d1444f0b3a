import { bodyOf, type Schemas } from 'handfast-client';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { segmentsKey } from './queries';
import { SegmentForm, type SegmentInput } from './SegmentForm';

export default function CreateSegment() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'segments');
  usePage({
    title: t('segments.create'),
    contentType: 'form',
    breadcrumbs: [{ text: t('segments.title'), href: list }, { text: t('segments.create') }],
  });
  const create = useAction(
    (body: Schemas['CreateSegment'], once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/segments', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [segmentsKey(sandbox)] },
  );
  return (
    <SegmentForm
      title={t('segments.create')}
      submit={t('segments.create')}
      initial={{ name: '', description: '', externalId: '', labels: [], expression: null }}
      error={create.error}
      isPending={create.isPending}
      onSubmit={(input) =>
        create.mutate(newOf(input), {
          onSuccess: ({ segmentId }) => {
            flash.success(t('segments.created'));
            void navigate(inSandbox(sandbox, 'segments', segmentId));
          },
        })
      }
      back={list}
    />
  );
}

function newOf({ name, description, externalId, labels, expression }: SegmentInput): Schemas['CreateSegment'] {
  return {
    name: name.trim(),
    ...(description.trim() && { description: description.trim() }),
    ...(externalId.trim() && { externalId: externalId.trim() }),
    ...(labels.length > 0 && { labels }),
    ...(expression !== null && { expression }),
  };
}
