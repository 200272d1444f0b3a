import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import type { ActivityRecord } from './queries';

/** Who did it: by name, or by kind where there is none to tell. */
export function Actor({ actor }: { actor: ActivityRecord['actor'] }) {
  const t = useT();
  const name = actor.name ?? actor.id;
  if (!name || actor.kind === 'system' || actor.kind === 'operator') return <>{t(`activity.actor.${actor.kind}`)}</>;
  return (
    <>
      {actor.kind === 'partner' && `${t('activity.actor.partner.sign')}: `}
      <Written>{name}</Written>
    </>
  );
}
