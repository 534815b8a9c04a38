import { useSignal } from "@preact/signals";
import {
  CircleHelp,
  Ellipsis,
  Headphones,
  LayoutGrid,
  ListOrdered,
  LogOut,
  MessageSquareText,
  SlidersHorizontal,
  UsersRound,
  Volume2,
} from "lucide";
import { t } from "../../i18n";
import { actsOnBehalf, sendsSound } from "../../model/permissions";
import type { Room, You } from "../../model/types";
import { asksToLeave } from "../../state/leaving";
import { isShown, shape, togglePanel, type Panel } from "../../state/panels";
import { openHelp, unreadMessages } from "../../state/messages";
import { may } from "../../state/permissions";
import { room, you } from "../../state/room";
import { Booth } from "../booth/Booth";
import { CoughButton } from "../booth/CoughButton";
import { ClerkButton } from "../ClerkDesk";
import { ChairDock } from "../console/ChairDock";
import { MutedSpeechNote } from "../devices/MutedSpeechNote";
import { SoundMenu } from "../devices/SoundMenu";
import { LayoutMenu } from "../layout/LayoutMenu";
import { lazily } from "../lazily";
import { MainButton } from "../MainButton";
import { NextButton } from "../NextButton";
import { Sources } from "../Sources";
import { DockButton } from "./DockButton";
import { dockCommands } from "./dock-commands";
import { closeMenu, DockMenu } from "./DockMenu";
import { HelpMenu } from "./HelpMenu";
import { Requests } from "./Requests";

const SIDE_ID = "side";
const DevicesMenu = lazily(() => import("../devices/DevicesMenu"));

/** The dock: what this device sends, the one main button, and everything that is opened. */
export function Dock() {
  if (!you.value || !room.value) return null;
  return (
    <section class="dock" aria-label={t("room.controls")}>
      <div class="dock-devices">
        {sendsSound(may.value) && <Sources />}
        {shape.value === "wide" && (
          <DockMenu id="devices" icon={SlidersHorizontal} words={t("devices.title")}>
            <DevicesMenu />
          </DockMenu>
        )}
        {shape.value === "wide" && <MutedSpeechNote />}
      </div>
      <Beside room={room.value} you={you.value} />
      <div class="dock-main" id="main-action" tabIndex={-1}>
        <Decisive />
      </div>
      <div class="dock-tools">{shape.value === "wide" ? <AllTools /> : <FewTools />}</div>
    </section>
  );
}

/** What stands beside the main button, by role: the chair's, the interpreter's cough button, or other requests. */
function Beside({ room: r, you: me }: { room: Room; you: You }) {
  if (may.value.has("floor.next")) return <ChairDock room={r} />;
  if (may.value.has("channel.take"))
    return (
      <div class="dock-requests">
        <CoughButton />
      </div>
    );
  return <Requests room={r} you={me} />;
}

/** The one main button of this participant. */
function Decisive() {
  if (may.value.has("floor.next")) return <NextButton />;
  if (may.value.has("channel.take")) return <Booth commands={dockCommands} />;
  if (actsOnBehalf(may.value)) return <ClerkButton />;
  return <MainButton commands={dockCommands} />;
}

function AllTools() {
  return (
    <>
      <DockMenu id="layout" icon={LayoutGrid} words={t("dock.layout")}>
        <LayoutMenu />
      </DockMenu>
      <DockMenu id="sound" icon={Volume2} words={t("dock.sound")} name={t("dock.sound_name")}>
        <SoundMenu />
      </DockMenu>
      <PanelButton id="people" />
      <PanelButton id="chat" />
      <DockMenu id="help" icon={CircleHelp} words={t("dock.help")} tone={openHelp.value ? "active" : undefined}>
        <HelpMenu />
      </DockMenu>
      <DockButton
        icon={LogOut}
        words={t("dock.leave")}
        name={t("room.leave")}
        onClick={() => (asksToLeave.value = true)}
        testid="dock-leave"
      />
    </>
  );
}

/** Where space is short: the order and the messages, and everything else behind one button. */
function FewTools() {
  return (
    <>
      <PanelButton id={may.value.has("channel.take") ? "booth" : "order"} />
      <PanelButton id="chat" />
      <DockMenu id="more" icon={Ellipsis} words={t("dock.more")}>
        <SoundMenu />
        <MoreDevices />
        <LayoutMenu />
        <HelpMenu />
        <div class="menu-row">
          <button
            type="button"
            onClick={() => {
              closeMenu();
              togglePanel("people");
            }}
          >
            {t("room.tab_people")}
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => {
              closeMenu();
              asksToLeave.value = true;
            }}
          >
            {t("room.leave")}
          </button>
        </div>
      </DockMenu>
    </>
  );
}

/** The devices, folded in a menu that has everything. Nothing listens to the microphone until they are unfolded. */
function MoreDevices() {
  const open = useSignal(false);
  return (
    <details class="menu-part" data-testid="more-devices" onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary>{t("devices.title")}</summary>
      {open.value && <DevicesMenu />}
    </details>
  );
}

const ICONS = { booth: Headphones, order: ListOrdered, people: UsersRound, chat: MessageSquareText };

function PanelButton({ id }: { id: Panel & keyof typeof ICONS }) {
  const unread = id === "chat" ? unreadMessages.value : 0;
  return (
    <DockButton
      icon={ICONS[id]}
      words={t(`room.tab_${id}`)}
      name={unread > 0 ? t("chat.unread", { n: unread }) : undefined}
      badge={unread}
      expanded={isShown(id)}
      controls={SIDE_ID}
      testid={`dock-${id}`}
      onClick={() => togglePanel(id)}
    />
  );
}
