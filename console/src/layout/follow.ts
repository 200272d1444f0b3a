import { useNavigate } from 'react-router';

interface FollowEvent {
  preventDefault: () => void;
  detail: { href?: string; external?: boolean };
}

/** The handler that makes Cloudscape's links change the route: `onFollow={follow}`. */
export function useFollow(): (event: FollowEvent) => void {
  const navigate = useNavigate();
  return (event) => {
    const { href, external } = event.detail;
    if (!href?.startsWith('/') || external) return;
    event.preventDefault();
    void navigate(href);
  };
}
