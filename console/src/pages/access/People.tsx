import { AccessPage } from './AccessPage';
import { GrantTable } from './GrantTable';

export default function People() {
  return (
    <AccessPage tab="people">
      <GrantTable of="people" />
    </AccessPage>
  );
}
