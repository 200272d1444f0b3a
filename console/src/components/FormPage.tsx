import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode, Ref } from 'react';
import { useNavigate } from 'react-router';
import { useT } from '../i18n/messages';
import { FailedReads } from './FailedReads';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  title: string;
  description?: ReactNode;
  submit: string;
  /** Why it cannot be sent as it is. */
  disabledReason?: string;
  /** Whether it cannot be sent yet, which needs no reason. */
  isDisabled?: boolean;
  /** Whether the browser may fill in what it has kept. */
  autoComplete?: 'off';
  /** Where errors at no field stand. */
  alert?: Ref<HTMLDivElement>;
  error: unknown;
  fields: readonly string[];
  isPending: boolean;
  onSubmit: () => void;
  back: string;
  children: ReactNode;
}

/** The page that is a form: its title, its containers, cancel and submit. Errors at no field stand above. */
export function FormPage(props: Props) {
  const { title, description, submit, disabledReason, isDisabled, error, fields, isPending, onSubmit, back } = props;
  const t = useT();
  const navigate = useNavigate();
  return (
    <form
      noValidate
      autoComplete={props.autoComplete}
      onSubmit={(event) => {
        event.preventDefault();
        if (!disabledReason) onSubmit();
      }}
    >
      <ContentLayout
        header={
          <Header variant="h1" description={description}>
            <span dir="auto" className="breaks">
              {title}
            </span>
          </Header>
        }
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={() => void navigate(back)}>
                {t('common.cancel')}
              </Button>
              <Button
                variant="primary"
                loading={isPending}
                disabled={isDisabled || disabledReason !== undefined}
                disabledReason={disabledReason}
              >
                {submit}
              </Button>
            </SpaceBetween>
          }
        >
          <div className="stack">
            <FailedReads />
            <div ref={props.alert}>
              <ProblemAlert error={error} fields={fields} />
            </div>
            {props.children}
          </div>
        </Form>
      </ContentLayout>
    </form>
  );
}
