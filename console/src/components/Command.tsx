import Box from '@cloudscape-design/components/box';
import { CopyId } from './CopyId';

/** A line to be run elsewhere, with what it does, to copy. */
export function Command({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <span className="secret">
        <CopyId value={text} label={label} />
      </span>
    </div>
  );
}
