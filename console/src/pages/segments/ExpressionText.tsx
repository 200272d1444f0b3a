import { useSandbox } from '../../api/me';
import { RouteLink } from '../../components/RouteLink';
import { inSandbox } from '../../paths';
import { segmentOf, tokensOf } from './expression';
import './segments.css';

interface Props {
  expression: string;
  names: ReadonlyMap<string, string>;
  /** The character from which on it cannot be read, counted from 1. */
  wrongAt?: number | undefined;
  /** Names lead to their segments. */
  areLinks?: boolean;
}

/** An expression with the names of its segments in the place of their ids. */
export function ExpressionText({ expression, names, wrongAt, areLinks = false }: Props) {
  const sandbox = useSandbox();
  return (
    <div className="expression">
      {tokensOf(expression).map(({ kind, text, at }) => {
        const isWrong = wrongAt !== undefined && at <= wrongAt - 1 && wrongAt - 1 < at + text.length;
        const className = `${kind}${isWrong || kind === 'unknown' ? ' wrong' : ''}`;
        const id = kind === 'segment' ? segmentOf(text) : '';
        const name = names.get(id);
        if (name === undefined)
          return (
            <span key={at} className={className} dir="auto">
              {text}
            </span>
          );
        const shown = (
          <span key={at} className={`name ${className}`} dir="auto" title={`${name.slice(0, 1000)} (${id})`}>
            {name}
          </span>
        );
        return areLinks ? (
          <RouteLink key={at} href={inSandbox(sandbox, 'segments', id)}>
            {shown}
          </RouteLink>
        ) : (
          shown
        );
      })}
    </div>
  );
}
