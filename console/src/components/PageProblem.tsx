import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  title: string;
  error: unknown;
  onRetry: () => void;
}

/** What stands in the place of a page that could not be read: its title, what went wrong, and another try. */
export function PageProblem({ title, error, onRetry }: Props) {
  return (
    <ContentLayout
      header={
        <Header variant="h1">
          <span dir="auto" className="breaks">
            {title}
          </span>
        </Header>
      }
    >
      <ProblemAlert error={error} onRetry={onRetry} />
    </ContentLayout>
  );
}
