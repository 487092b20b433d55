// What this person has done on a lot without leading it: a sealed offer, the button of a japanese lot; and what several have bought.

import type { Model } from "../model";
import type { Money } from "../money";
import type { Award } from "../protocol";
import { ownButton, ownOffer } from "../questions";
import { Icon } from "./icons";
import { PersonTag } from "./person";
import { isSealed } from "./words";

export function OwnState({ model, money }: { model: Model; money: Money }) {
  const { lot } = model;
  if (!lot || !model.you?.participant || lot.phase === "matching") return null;
  if (isSealed(lot)) {
    const offer = ownOffer(model);
    const pieces = offer?.quantity !== undefined && offer.quantity > 1 ? `, ${offer.quantity} pieces` : "";
    return (
      <div class="standing standing-watching" data-testid="own-offer">
        <b>{offer ? `Your sealed bid: ${money.format(offer.max)}${pieces}` : "You have made no sealed bid"}</b>
      </div>
    );
  }
  if (lot.format !== "japanese") return null;
  const button = ownButton(model, lot);
  if (button === "held") {
    return (
      <div class="standing standing-winning" data-testid="own-button">
        <span class="standing-icon">
          <Icon name="check" size={22} />
        </span>
        <b>You hold the button</b>
      </div>
    );
  }
  return (
    <div class="standing standing-watching" data-testid="own-button">
      <b>{button === "released" ? "You have released the button; that is final" : "You do not hold the button"}</b>
    </div>
  );
}

const awardsShown = 5;

export function Awards({ awards, me }: { awards: Award[]; me: string | undefined }) {
  if (awards.length === 0) return <span class="muted">to several buyers</span>;
  return (
    <span class="awards">
      {awards.slice(0, awardsShown).map((award, index) => (
        <span key={index} class="award">
          {award.winner ? <PersonTag person={award.winner} me={me} /> : null}
          <span class="muted num">× {award.quantity}</span>
        </span>
      ))}
      {awards.length > awardsShown && <span class="muted num">and {awards.length - awardsShown} more</span>}
    </span>
  );
}
