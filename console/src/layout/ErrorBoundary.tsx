import { Component, type ReactNode } from 'react';
import { ProblemAlert } from '../components/ProblemAlert';

interface Props {
  children: ReactNode;
  /** Another value tries again, such as the path of another page. */
  resetOn: string;
}

/** Keeps an error of one page from taking the frame with it. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.resetOn !== this.props.resetOn && this.state.error) this.setState({ error: null });
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return <ProblemAlert error={this.state.error} onRetry={() => window.location.reload()} />;
  }
}
