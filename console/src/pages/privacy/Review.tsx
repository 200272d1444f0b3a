import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { errorAt } from '../../components/field-errors';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type PrivacyRequest, requestsKey } from './queries';
import { listOf } from './Recipients';

type Draft = Schemas['PackageDraft'];
type Part = Schemas['PackagePart'];
type Withholding = Schemas['Withholding'];
const GROUNDS = ['third_party', 'trade_secret', 'never_disclosed', 'other'] as const;

/** A package that somebody looks at before the person gets it: its draft, its parts, and what is withheld. */
export function Review({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [withhold, setWithhold] = useState<Withholding[]>([]);
  const [isAsking, setAsking] = useState(false);
  const path = '/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/review';
  const params = { path: { sandbox, privacy_request: request.privacyRequestId } };
  const look = useAction((_: undefined) => bodyOf(api.GET(path, { params })));
  const release = useAction(
    (body: { withhold: Withholding[] }, once) => bodyOf(api.POST(path, { params, body, headers: once })),
    { invalidates: [requestsKey(sandbox)] },
  );
  if (!draft)
    return (
      <SpaceBetween size="m">
        <div>{t('privacy.review.detail')}</div>
        <GuardedButton
          permission="privacy:approve"
          loading={look.isPending}
          onClick={() => look.mutate(undefined, { onSuccess: setDraft, onError: (error) => flash.error(error) })}
        >
          {t('privacy.review.take')}
        </GuardedButton>
      </SpaceBetween>
    );
  return (
    <SpaceBetween size="l">
      <KeyValues
        items={[
          {
            label: t('privacy.review.draft'),
            value: (
              <Link href={draft.url} external>
                {t('privacy.review.download')}
              </Link>
            ),
          },
          { label: t('privacy.review.until'), value: <Time at={draft.expiresAt} exact /> },
          {
            label: t('privacy.package.passphrase'),
            value: <CopyId value={draft.passphrase} label={t('privacy.package.passphrase')} />,
          },
          { label: t('privacy.review.opens'), value: draft.opens },
        ]}
      />
      {draft.parts ? (
        <Parts parts={draft.parts} withhold={withhold} onChange={setWithhold} error={release.error} />
      ) : (
        <Alert type="info">{t('privacy.review.tooLarge')}</Alert>
      )}
      <Button variant="primary" onClick={() => setAsking(true)}>
        {t('privacy.release')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('privacy.release.title')}
          confirm={t('privacy.release')}
          onConfirm={async () => {
            await release.mutateAsync({ withhold });
            flash.success(t('privacy.release.done'));
          }}
          onClose={() => setAsking(false)}
        >
          {t('privacy.release.detail', { count: withhold.length })}
        </ConfirmDialog>
      )}
    </SpaceBetween>
  );
}

interface PartsProps {
  parts: Part[];
  withhold: Withholding[];
  onChange: (withhold: Withholding[]) => void;
  error: unknown;
}

function Parts({ parts, withhold, onChange, error }: PartsProps) {
  const t = useT();
  const intl = useIntl();
  const columns: Column<Part>[] = [
    {
      id: 'part',
      header: t('privacy.review.part'),
      cell: ({ part }) => <span dir="auto">{part}</span>,
      value: ({ part }) => part,
      isRowHeader: true,
      width: 420,
    },
    {
      id: 'entries',
      header: t('privacy.review.entries'),
      cell: ({ entries }) => intl.formatNumber(entries),
      value: ({ entries }) => entries,
      width: 120,
    },
  ];
  const selected = parts.filter(({ part }) => withhold.some((each) => each.part === part));
  const change = (at: number, changes: Partial<Withholding>) =>
    onChange(withhold.map((each, place) => (place === at ? { ...each, ...changes } : each)));
  const grounds = GROUNDS.map((value) => ({ value, label: t(`privacy.withhold.${value}`) }));
  return (
    <SpaceBetween size="m">
      <ResourceTable
        name="privacy-parts"
        variant="embedded"
        title={t('privacy.review.parts')}
        description={t('privacy.review.parts.description')}
        list={listOf(parts)}
        columns={columns}
        idOf={({ part }) => part}
        empty={{ title: t('privacy.review.parts.empty') }}
        selection={{
          type: 'multi',
          selected,
          onChange: (chosen) =>
            onChange(
              chosen.map(
                ({ part }) =>
                  withhold.find((each) => each.part === part) ?? { part, ground: 'third_party', reason: '' },
              ),
            ),
        }}
      />
      {withhold.map(({ part, ground, reason }, at) => (
        <FormField
          key={part}
          label={<span dir="auto">{t('privacy.withhold.of', { part })}</span>}
          constraintText={t('privacy.withhold.reason')}
          errorText={errorAt(error, `/withhold/${at}`)}
        >
          <SpaceBetween size="xs">
            <Select
              ariaLabel={t('privacy.ground')}
              selectedOption={grounds.find(({ value }) => value === ground) ?? null}
              options={grounds}
              onChange={({ detail }) => change(at, { ground: detail.selectedOption.value as Withholding['ground'] })}
            />
            <Input
              ariaLabel={t('privacy.withhold.reason')}
              value={reason}
              onChange={({ detail }) => change(at, { reason: detail.value })}
            />
          </SpaceBetween>
        </FormField>
      ))}
    </SpaceBetween>
  );
}
