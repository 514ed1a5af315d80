"""Problems of rating campaigns, ballots and assessments."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "rating_not_ready": _m(
        409,
        "评议尚不能开始",
        "Rating not ready to open",
        "方案有 {count} 处问题，见 errors。",
        "{count} things are wrong with the draft, see errors.",
    ),
    "rating_status_forbids": _m(
        409,
        "评议状态不允许",
        "Rating state forbids it",
        "评议现为“{now}”，须为“{needed}”。",
        "The rating is {now}; it would have to be {needed}.",
    ),
    "rating_not_open": _m(
        409,
        "不在评议时间内",
        "Not taking ballots",
        "现在不接受评议票。",
        "Ballots are not taken now.",
    ),
    "ballot_paper_issued": _m(
        409,
        "评议票已领取",
        "Ballot paper already issued",
        "本账号已领取过评议票，不能再领；网络中断可用同一 blinded 重试。",
        "This account has had its one ballot paper; a lost answer is given again for the same `blinded` only.",
    ),
    "ballot_key_not_yours": _m(
        409,
        "签名密钥不对应",
        "Not your ballot key",
        "请先取 ballot-paper 中的 key 再盲化。",
        "Blind under the key that GET ballot-paper names for you.",
    ),
    "ballot_final": _m(
        409,
        "该投票码已投票",
        "Ballot cast with this code is final",
        "用投票码投的票投出即定，不能更改；若您没有用过此码，请向组织评议的部门反映。",
        "What was cast with a code stays as it is. If you have not used this code yourself, tell whoever runs the rating.",
    ),
    "ballot_differs": _m(
        409,
        "已投过内容不同的票",
        "Ballot already cast",
        "该票已按同一 revision 投出，内容不同；如需修改请增大 revision。",
        "Another content was cast under this revision; raise `revision` to change the ballot.",
    ),
    "ballot_superseded": _m(
        409,
        "已有更新的票",
        "Ballot superseded",
        "已收到 revision {stored}，较旧的不再计入。",
        "Revision {stored} has been received; an older one counts no more.",
    ),
    "ballots_unreadable": _m(
        409,
        "有评议票无法启封",
        "Ballots that cannot be opened",
        "{total} 张票中有 {count} 张无法启封：密钥文件已更换，或数据被改动。请先恢复原密钥文件；确实无法恢复的，"
        "以 set_aside_unreadable 并写明原因，将这些票剔除后截止。",
        "{count} of {total} ballots cannot be opened: the secret file is another one, or rows were tampered with. Restore "
        "the file; if there is no way to, close with `set_aside_unreadable` and a reason, and they are left out.",
    ),
    "rating_secret_changed": _m(
        409,
        "评议密钥已更换",
        "Another secret file",
        "本次评议的签名密钥无法启封：服务的密钥文件已更换。请恢复原密钥文件。",
        "This rating's signing key cannot be unsealed: the service's secret file is another one. Restore it.",
    ),
    "rater_has_paper": _m(
        409,
        "该评议人已领票",
        "Rater has a ballot paper",
        "已领票的评议人不能再改动或移出名册。",
        "A rater whose ballot paper was signed can be neither changed nor taken off the roll.",
    ),
    "scheme_shipped": _m(
        409,
        "编码为系统所用",
        "Code of a shipped scheme",
        "“{taken}”是随系统提供的考核办法；自己的办法请另取编码。",
        "{taken} is shipped with the program; give a scheme of your own another code.",
    ),
    "assessment_published": _m(
        409,
        "考核已公布",
        "Assessment published",
        "已公布的考核结果不再改变。",
        "A published assessment never changes.",
    ),
    "assessment_period_running": _m(
        409,
        "考核期未结束",
        "Period not over",
        "考核期至 {ends_on} 结束，之后才能公布。",
        "The period ends on {ends_on}; it can be published after that.",
    ),
    "fact_retracted": _m(409, "事项已撤回", "Fact taken back", "该事项已撤回。", "It was taken back before."),
}
