import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import { useState } from 'react';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { ByHand } from './ByHand';
import { isDoneByHand, isOpen } from './board';
import { ByNamespace } from './Preview';
import type { Receipt, Signed } from './proof';
import type { PrivacyRequest } from './queries';
import { Said } from './Said';

type Recipient = PrivacyRequest['recipients'][number];

/** Who received the person, whether each was told, and what each has answered. */
export function Recipients({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const sandbox = useSandbox();
  const [receipt, setReceipt] = useState<Signed<Receipt> | null>(null);
  const columns: Column<Recipient>[] = [
    {
      id: 'name',
      header: t('privacy.recipient'),
      cell: ({ name, destinationId }) =>
        destinationId ? (
          <RouteLink href={inSandbox(sandbox, 'destinations', destinationId)}>
            <Written>{name}</Written>
          </RouteLink>
        ) : (
          <Written>{name}</Written>
        ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'kind',
      header: t('privacy.kind'),
      cell: ({ kind }) => t(`privacy.kind.${kind}`),
      value: ({ kind }) => t(`privacy.kind.${kind}`),
      width: 110,
    },
    {
      id: 'told',
      header: t('privacy.told'),
      cell: ({ notifiedAt }) => <Time at={notifiedAt} exact />,
      value: ({ notifiedAt }) => notifiedAt,
      width: 215,
    },
    {
      id: 'confirmed',
      header: t('privacy.confirmed'),
      cell: ({ confirmedAt }) => <Time at={confirmedAt} exact />,
      value: ({ confirmedAt }) => confirmedAt,
      width: 215,
    },
    {
      id: 'status',
      header: t('privacy.says'),
      cell: (recipient) => (
        <>
          <Said status={recipient.status} />
          {(recipient.reason ?? recipient.ground) && (
            <Box fontSize="body-s" color="text-body-secondary">
              <span dir="auto" className="breaks answer-text">
                {recipient.reason ?? t(`privacy.ground.${recipient.ground}`)}
              </span>
            </Box>
          )}
        </>
      ),
      value: ({ status, reason }) => `${t(`privacy.said.${status}`)} ${reason ?? ''}`,
      width: 210,
    },
    {
      id: 'proof',
      header: t('privacy.receipt'),
      cell: (recipient) => {
        if (recipient.receipt)
          return (
            <Button
              variant="inline-link"
              ariaLabel={t('privacy.receipt.of', { name: recipient.name })}
              onClick={() => setReceipt(recipient.receipt as unknown as Signed<Receipt>)}
            >
              {t('privacy.receipt.show')}
            </Button>
          );
        if (recipient.destinationId && isDoneByHand(recipient.status))
          return <ByHand request={request} name={recipient.name} at={{ destinationId: recipient.destinationId }} />;
        return t('common.none');
      },
      width: 135,
    },
  ];
  const hasTold = request.stages.some(({ name }) => name === 'recipients');
  if (request.recipients.length === 0 && (!hasTold || (!isOpen(request) && request.status !== 'completed')))
    return null;
  return (
    <>
      <ResourceTable
        name="privacy-recipients"
        title={t('privacy.recipients')}
        description={t('privacy.recipients.description')}
        list={listOf(request.recipients)}
        columns={columns}
        idOf={({ name, kind, destinationId, notifiedAt }) => `${kind} ${destinationId ?? name} ${notifiedAt}`}
        empty={{
          title: t('privacy.recipients.empty'),
          detail: t(isOpen(request) ? 'privacy.recipients.empty.open' : 'privacy.recipients.empty.done'),
        }}
      />
      {receipt && <ReceiptDialog receipt={receipt} onClose={() => setReceipt(null)} />}
    </>
  );
}

/** What came with the request itself, as a list of a table. */
export const listOf = <T,>(items: T[]) => ({
  data: { items, isCut: false },
  error: null,
  isPending: false,
  refetch: () => undefined,
});

function ReceiptDialog({ receipt, onClose }: { receipt: Signed<Receipt>; onClose: () => void }) {
  const t = useT();
  const { document, signature } = receipt;
  return (
    <Modal visible header={t('privacy.receipt.title')} onDismiss={onClose} size="large">
      <KeyValues
        columns={2}
        items={[
          { label: t('privacy.recipient'), value: <Written>{document.recipient}</Written> },
          { label: t('privacy.receipt.outcome'), value: <StatusBadge status={document.outcome} /> },
          { label: t('privacy.receipt.at'), value: <Time at={document.at} exact /> },
          {
            label: t('privacy.scope'),
            value: document.scope ? t(`privacy.scope.${document.scope}`) : t('common.none'),
          },
          { label: t('privacy.receipt.request'), value: <CopyId value={document.privacyRequestId} /> },
          { label: t('privacy.receipt.counts'), value: <ByNamespace counts={document.counts} /> },
          {
            label: t('privacy.proof.key'),
            value: <CopyId value={signature.publicKey} label={t('privacy.proof.key')} />,
          },
          {
            label: t('privacy.proof.signature'),
            value: (
              <span className="secret">
                <CopyId value={signature.value} label={t('privacy.proof.signature')} />
              </span>
            ),
          },
        ]}
      />
    </Modal>
  );
}
