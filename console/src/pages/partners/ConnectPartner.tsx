import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FailedReads } from '../../components/FailedReads';
import { errorAt } from '../../components/field-errors';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { readConnectId } from './connect-id';
import { NoteField } from './NoteField';
import { partnersKey, useOwnConnectId } from './queries';

const FIELDS = ['/connectId', '/note'];

export default function ConnectPartner() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const back = inSandbox(sandbox, 'partners');
  const [text, setText] = useState('');
  const [note, setNote] = useState('');
  const [allowsEstimates, setAllowsEstimates] = useState(false);
  const [isTold, setTold] = useState(false);
  usePage({
    title: t('partners.connect'),
    contentType: 'form',
    breadcrumbs: [{ text: t('partners.title'), href: back }, { text: t('partners.connect') }],
  });

  const own = useOwnConnectId(sandbox).data?.value.connectId;
  const reading = readConnectId(text);
  const connectId = reading.kind === 'whole' && reading.connectId !== own ? reading.connectId : null;
  const owner = useOwner(sandbox, connectId);
  const request = useAction(
    (body: Schemas['RequestConnection'], once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/connect-requests', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [partnersKey(sandbox)] },
  );
  const standing = standingConnection(request.error);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTold(true);
    if (connectId === null || !owner.data) return;
    const body = { connectId, allowsEstimates, ...(note.trim() && { note: note.trim() }) };
    request.mutate(body, {
      onSuccess: ({ partner }) => {
        flash.success(t('partners.requested', { partner: partner.organizationName }));
        void navigate(back);
      },
    });
  }

  return (
    <form noValidate onSubmit={submit}>
      <ContentLayout
        header={
          <Header variant="h1" description={t('partners.connect.description')}>
            {t('partners.connect')}
          </Header>
        }
      >
        <Form
          actions={
            <div className="row">
              <Button variant="link" formAction="none" onClick={() => void navigate(back)}>
                {t('common.cancel')}
              </Button>
              <Button variant="primary" loading={request.isPending}>
                {t('partners.request')}
              </Button>
            </div>
          }
        >
          <div className="stack">
            {standing ? (
              <Alert
                type="warning"
                header={t(`partners.standing.${standing.state}`)}
                action={
                  <RouteLink href={inSandbox(sandbox, 'partners', standing.connectionId)}>
                    {t('partners.standing.open')}
                  </RouteLink>
                }
              >
                {t('partners.standing.detail')}
              </Alert>
            ) : (
              <ProblemAlert error={request.error} fields={FIELDS} />
            )}
            <FailedReads />
            <Container header={<Header variant="h2">{t('partners.connect.whom')}</Header>}>
              <div className="stack">
                <FormField
                  label={t('partners.connectId')}
                  description={t('partners.connectId.ask')}
                  constraintText={t('partners.connectId.constraint')}
                  errorText={problemOfId()}
                >
                  <Input
                    value={text}
                    placeholder="7KQ2M-9XW4T-3BN8R-VD5HC"
                    spellcheck={false}
                    autoComplete={false}
                    onBlur={() => setTold(text !== '')}
                    onChange={({ detail }) => {
                      setText(detail.value);
                      setTold(false);
                      request.reset();
                    }}
                  />
                </FormField>
                <div role="status">
                  {owner.isFetching && (
                    <StatusIndicator type="loading">{t('partners.connectId.looking')}</StatusIndicator>
                  )}
                  {owner.data && <Owner owner={owner.data} />}
                </div>
              </div>
            </Container>
            <Container header={<Header variant="h2">{t('partners.connect.what')}</Header>}>
              <div className="stack">
                <NoteField
                  value={note}
                  onChange={setNote}
                  description={t('partners.note.request')}
                  errorText={errorAt(request.error, '/note')}
                />
                <Checkbox
                  checked={allowsEstimates}
                  description={t('partners.estimates.description')}
                  onChange={({ detail }) => setAllowsEstimates(detail.checked)}
                >
                  {t('partners.estimates.allow')}
                </Checkbox>
              </div>
            </Container>
          </div>
        </Form>
      </ContentLayout>
    </form>
  );

  function problemOfId(): string | undefined {
    if (reading.kind === 'whole' && reading.connectId === own) return t('partners.connectId.isOwn');
    if (owner.error instanceof ProblemError && owner.error.status === 404) return t('partners.connectId.unknown');
    if (owner.error) return owner.error.message || t('problem.network.detail');
    const answered = errorAt(request.error, '/connectId');
    if (answered) return answered;
    if (!isTold || reading.kind === 'whole') return undefined;
    if (reading.kind === 'empty') return t('partners.connectId.missing');
    if (reading.kind === 'length') return t('partners.connectId.length', { length: reading.length });
    return t('partners.connectId.character', { character: reading.character });
  }
}

function Owner({ owner }: { owner: Schemas['Preview'] }) {
  const t = useT();
  const written = (text: string) => (
    <span dir="auto" className="breaks">
      {text}
    </span>
  );
  return (
    <Alert type="success" header={t('partners.owner')}>
      <KeyValues
        columns={2}
        items={[
          { label: t('partners.partner'), value: written(owner.organizationName) },
          { label: t('partners.sandbox'), value: written(owner.sandboxName) },
        ]}
      />
    </Alert>
  );
}

/** Whose connect ID it is. The ID goes in a body, so that no log of addresses has it. */
function useOwner(sandbox: string, connectId: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ['connect-id-owner', sandbox, connectId],
    enabled: connectId !== null,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/connect-requests/preview', {
          params: { path: { sandbox } },
          body: { connectId: connectId ?? '' },
          signal,
        }),
      ),
  });
}

/** The live connection of the pair, of which the API says that a request is in vain. */
function standingConnection(error: unknown): { connectionId: string; state: string } | null {
  if (!(error instanceof ProblemError) || error.status !== 409) return null;
  const { connectionId, direction, current } = error.members;
  if (typeof connectionId !== 'string') return null;
  return { connectionId, state: current === 'pending' ? String(direction) : 'active' };
}
