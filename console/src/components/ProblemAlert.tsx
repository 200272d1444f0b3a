import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useT } from '../i18n/messages';
import { errorsElsewhere } from './field-errors';
import { useProblemText } from './problem-text';

interface Props {
  error: unknown;
  /** The pointers whose errors stand at their fields; the others are listed here. */
  fields?: readonly string[];
  onRetry?: () => void;
}

/** An error with its detail, the members that it names, and the request's id. Nothing without an error. */
export function ProblemAlert({ error, fields = [], onRetry }: Props) {
  const t = useT();
  const describe = useProblemText();
  if (!error) return null;
  const { title, detail, requestLine } = describe(error);
  const retry = onRetry && <Button onClick={onRetry}>{t('common.retry')}</Button>;
  return (
    <Alert type="error" header={title} action={retry}>
      <div role="alert">
        <div dir="auto" className="breaks">
          {detail}
        </div>
        <ul className="plain">
          {errorsElsewhere(error, fields).map(({ pointer, message }) => (
            <li key={pointer + message} dir="auto">
              <Box variant="code">{pointer}</Box> {message}
            </li>
          ))}
        </ul>
        {requestLine && (
          <Box variant="small" color="text-body-secondary">
            {requestLine}
          </Box>
        )}
      </div>
    </Alert>
  );
}
