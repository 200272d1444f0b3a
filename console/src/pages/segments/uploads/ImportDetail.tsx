import { useState } from 'react';
import { useParams } from 'react-router';
import { useSandbox } from '../../../api/me';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { DetailPage } from '../../../components/DetailPage';
import { Guarded, GuardedButton } from '../../../components/Guarded';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { type Import, useImport } from '../queries';
import { FailedParts } from './FailedParts';
import { useCancel } from './imports';
import { LoadedFacts } from './LoadedFacts';
import { Repair } from './Repair';
import { isCancellable, takesParts } from './repairs';
import { useTransfer } from './transfers';
import { Another, Results } from './UploadDetail';

export default function ImportDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { import: id = '' } = useParams();
  const read = useImport(sandbox, id);
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.fileName ?? id}
      above={[
        { text: t('segments.title'), href: inSandbox(sandbox, 'segments') },
        { text: t('segments.uploads'), href: inSandbox(sandbox, 'segments/uploads') },
      ]}
      actions={(value) => (
        <>
          {isCancellable(value) && <Cancel of={value} />}
          <Another loaded={value} />
        </>
      )}
    >
      {(value) => (
        <>
          <LoadedFacts loaded={value} />
          {value.status === 'failed' && value.parts.failedTotal > 0 && <FailedParts of={value} />}
          <Guarded permission="segments:write">
            <Waiting of={value} />
          </Guarded>
          <Results loaded={value} />
        </>
      )}
    </DetailPage>
  );
}

/** What is to be sent, unless it is on its way from here. */
function Waiting({ of }: { of: Import }) {
  const transfer = useTransfer(of.importId);
  const isOnItsWay = transfer?.state === 'sending' || (of.status === 'awaiting_file' && transfer !== undefined);
  return takesParts(of, Date.now()) && !isOnItsWay ? <Repair of={of} /> : null;
}

function Cancel({ of }: { of: Import }) {
  const t = useT();
  const cancel = useCancel(useSandbox(), of.importId);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <GuardedButton permission="segments:write" onClick={() => setAsking(true)}>
        {t('segments.import.cancel')}
      </GuardedButton>
      {isAsking && (
        <ConfirmDialog
          title={t('segments.import.cancel.title')}
          confirm={t('segments.import.cancel')}
          onConfirm={() => cancel.mutateAsync(undefined)}
          onClose={() => setAsking(false)}
        >
          {t('segments.import.cancel.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
