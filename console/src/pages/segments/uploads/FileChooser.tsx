import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FileDropzone from '@cloudscape-design/components/file-dropzone';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { type DragEvent, useRef, useState } from 'react';
import { useT } from '../../../i18n/messages';
import { type Chosen, fromDrop, fromInput, type Picked, pick } from './files';

const KINDS = '.csv,.tsv,.txt,.json,.ndjson,.jsonl,.parquet,.gz,.zst';

interface Props {
  onPick: (picked: Picked) => void;
}

/** Where files and folders are dropped or chosen. What is chosen takes the place of what was. */
export function FileChooser({ onPick }: Props) {
  const t = useT();
  const [isReading, setReading] = useState(false);
  const [unread, setUnread] = useState<string | null>(null);
  const take = async (read: Promise<Chosen[]>) => {
    setReading(true);
    setUnread(null);
    try {
      const chosen = await read;
      if (chosen.length) onPick(pick(chosen));
      else setUnread(t('segments.files.none'));
    } catch (problem) {
      setUnread(t('segments.files.unreadable', { said: (problem as Error).message }));
    }
    setReading(false);
  };
  const takeDropped = (event: DragEvent) => {
    event.preventDefault();
    void take(fromDrop(event.dataTransfer));
  };
  return (
    <SpaceBetween size="xs">
      <div onDropCapture={takeDropped}>
        {/* What it tells of a drop lacks what folders hold. */}
        <FileDropzone onChange={() => undefined}>
          <SpaceBetween size="xs" alignItems="center">
            <span>{t('segments.files.drop')}</span>
            <div className="row">
              <Choose label={t('segments.files.choose')} onChoose={(files) => void take(Promise.resolve(files))} />
              <Choose
                label={t('segments.files.choose.folder')}
                isFolder
                onChoose={(files) => void take(Promise.resolve(files))}
              />
            </div>
          </SpaceBetween>
        </FileDropzone>
      </div>
      {isReading && <StatusIndicator type="loading">{t('segments.files.reading')}</StatusIndicator>}
      {unread && (
        <Box color="text-status-error">
          <StatusIndicator type="error">{unread}</StatusIndicator>
        </Box>
      )}
    </SpaceBetween>
  );
}

interface ChooseProps {
  label: string;
  isFolder?: boolean;
  onChoose: (files: Chosen[]) => void;
}

/** The browser's dialog for files, or for a folder. */
function Choose({ label, isFolder = false, onChoose }: ChooseProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button formAction="none" iconName={isFolder ? 'folder' : 'upload'} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        {...(isFolder ? { webkitdirectory: '' } : { accept: KINDS })}
        onChange={({ target }) => {
          onChoose(fromInput(target.files ?? []));
          // The same files can be chosen again, as when one was repaired.
          target.value = '';
        }}
      />
    </>
  );
}
