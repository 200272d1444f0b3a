import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useParams } from 'react-router';
import { useMe, useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { columnOf, isBeingLookedUp, taskOf } from './board';
import { Deadline, useCalendar } from './Deadline';
import { Messages } from './Messages';
import { Package } from './Package';
import { ProofSummary } from './ProofSummary';
import { type PrivacyRequest, useRegulations, useRequest } from './queries';
import { Recipients } from './Recipients';
import { RequestActions } from './RequestActions';
import { Stages } from './Stages';
import { Systems } from './Systems';
import { shortId, typeOf } from './words';

export default function RequestDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { request: id = '' } = useParams();
  const read = useRequest(sandbox, id);
  return (
    <DetailPage
      resource={read}
      title={(request) => (request ? `${typeOf(t, request)} · ${shortId(id)}` : id)}
      above={[{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }]}
      actions={(request) => <RequestActions request={request} />}
    >
      {(request, etag) => (
        <>
          <Notices request={request} />
          <Overview request={request} />
          <Stages request={request} />
          <Recipients request={request} />
          <Systems request={request} />
          <Package request={request} />
          <Messages request={request} />
          <ProofSummary request={request} version={etag} />
        </>
      )}
    </DetailPage>
  );
}

/** What somebody has to know or do now. */
function Notices({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const sandbox = useSandbox();
  const task = taskOf(request);
  const gaps = Number(request.result.gaps ?? 0);
  return (
    <>
      {request.status === 'unverified' && <Alert type="info">{t('privacy.notice.unverified')}</Alert>}
      {isBeingLookedUp(request) && <Alert type="info">{t('privacy.notice.lookedUp')}</Alert>}
      {request.status === 'pending' && request.fourEyes && (
        <Alert type="info" header={t('privacy.fourEyes')}>
          {t('privacy.fourEyes.detail')}
        </Alert>
      )}
      {task === 'retry' && <Alert type="error">{t('privacy.notice.failed')}</Alert>}
      {(task === 'manual_task' || task === 'review') && <Alert type="warning">{t(`privacy.notice.${task}`)}</Alert>}
      {columnOf(request) === 'waiting' && <Alert type="info">{t('privacy.notice.waiting')}</Alert>}
      {request.status === 'completed_with_gaps' && (
        <Alert type="warning" header={t('privacy.notice.gaps', { count: gaps })}>
          {request.reason ?? t('privacy.notice.gaps.detail')}
        </Alert>
      )}
      {request.duplicateOf && (
        <Alert type="info">
          {t('privacy.notice.duplicate')}{' '}
          <RouteLink href={inSandbox(sandbox, 'privacy', request.duplicateOf)}>{request.duplicateOf}</RouteLink>
        </Alert>
      )}
    </>
  );
}

function Overview({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const me = useMe().data;
  const calendar = useCalendar();
  const laws = useRegulations().data?.value.items ?? [];
  const law = laws.find(({ code, aliases }) => code === request.regulation || aliases?.includes(request.regulation));
  const none = t('common.none');
  const { ground, reason, note, externalId, assignee, origin } = request;
  const text = (value: string) => (
    <span dir="auto" className="breaks">
      {value}
    </span>
  );
  return (
    <Container header={<Header variant="h2">{t('privacy.overview')}</Header>}>
      <KeyValues
        items={[
          { label: t('privacy.status'), value: <StatusBadge status={request.status} /> },
          { label: t('privacy.answer'), value: request.answer ? t(`privacy.answer.${request.answer}`) : none },
          { label: t('privacy.due'), value: <Deadline request={request} calendar={calendar} /> },
          { label: t('privacy.type'), value: typeOf(t, request) },
          { label: t('privacy.regulation'), value: law?.name ?? request.regulation },
          { label: t('privacy.law.source'), value: law?.description ?? none },
          { label: t('privacy.received'), value: <Time at={request.receivedAt} exact /> },
          ...(request.acknowledgeBy
            ? [{ label: t('privacy.acknowledgeBy'), value: <Time at={request.acknowledgeBy} exact /> }]
            : []),
          { label: t('privacy.extended'), value: t(request.extended ? 'privacy.extended.yes' : 'privacy.extended.no') },
          { label: t('privacy.source'), value: origin.partner ? text(origin.partner) : t('privacy.origin.here') },
          {
            label: t('privacy.assignee'),
            value:
              assignee === me?.principalId
                ? t('privacy.assignee.you')
                : (request.assigneeName ?? assignee ?? t('privacy.assignee.nobody')),
          },
          { label: t('privacy.externalId'), value: externalId ? text(externalId) : none },
          { label: t('privacy.id'), value: <CopyId value={request.privacyRequestId} /> },
          ...(request.scope ? [{ label: t('privacy.scope'), value: t(`privacy.scope.${request.scope}`) }] : []),
          ...(request.liftsErasure ? [{ label: t('privacy.liftErasure'), value: t('privacy.yes') }] : []),
          ...(request.categoriesOnly ? [{ label: t('privacy.categoriesOnly'), value: t('privacy.yes') }] : []),
          ...(request.sharedDevices === 'profiles'
            ? [{ label: t('privacy.devices'), value: t('privacy.devices.profiles') }]
            : []),
          ...(ground ? [{ label: t('privacy.ground'), value: t(`privacy.ground.${ground}`) }] : []),
          ...(reason ? [{ label: t('privacy.reason'), value: text(reason) }] : []),
          ...(note ? [{ label: t('privacy.note'), value: text(note) }] : []),
        ]}
      />
    </Container>
  );
}
