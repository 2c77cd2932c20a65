"""The Vietnamese of what the agent's commands say, under the English of the code."""

EXAMPLES = """ví dụ:
  wanwatch-agent enrol --config /etc/wanwatch/agent.toml --token-file /root/token
  wanwatch-agent run --config /etc/wanwatch/agent.toml
  wanwatch-agent run --collector https://collector.example.vn:8440 --data /var/lib/wanwatch-agent
  wanwatch-agent identity --data /var/lib/wanwatch-agent --json
  wanwatch-agent status --data /var/lib/wanwatch-agent
  wanwatch-agent selftest --verbose
  wanwatch-agent probe sip 10.42.1.20 transport=TLS --config /etc/wanwatch/agent.toml

Mọi thiết đặt của agent.toml cũng đặt được bằng biến môi trường: WANWATCH_AGENT_COLLECTOR,
WANWATCH_AGENT_DATA, WANWATCH_AGENT_INTERVAL_SECONDS, … Dòng lệnh được ưu tiên, rồi đến biến
môi trường, rồi đến tệp.

mã thoát: 0 tốt, 1 điều được hỏi không tốt, 2 sai cách dùng hoặc cấu hình"""

VIETNAMESE = {
    # Help.
    "Reads facts of this host and reports them to a collector; judges nothing.": (
        "Đọc tình trạng máy này và báo về máy chủ thu thập; không tự đánh giá."
    ),
    "agent.toml to read": "tệp agent.toml cần đọc",
    "where the agent keeps key and spool": "nơi tác tử giữ khóa và hàng đợi",
    "print one line of JSON": "in một dòng JSON",
    "http://HOST:PORT or https://HOST:PORT": "http://HOST:PORT hoặc https://HOST:PORT",
    "PEM: the only authority that is trusted": "PEM: nơi cấp chứng thư duy nhất được tin",
    "report until stopped": "báo cáo cho đến khi dừng",
    "default 10, at least 1": "mặc định 10, ít nhất 1",
    "let this machine's key report for a unit": "cho khóa của máy này báo cáo thay một đơn vị",
    "as `wanwatch enrol token` printed it": "như `wanwatch enrol token` đã in",
    "the token in a file; - reads stdin": "tệp chứa mã ghi danh; - là đầu vào chuẩn",
    "name to propose, default the machine's own": "tên đề xuất, mặc định là tên máy",
    "put key and spool aside, begin anew": "cất khóa và hàng đợi cũ, bắt đầu lại",
    "change the key now; id and reports stay": "đổi khóa ngay; giữ nguyên mã và báo cáo",
    "show exactly what was last sent, and the answer": "xem đúng những gì gửi lần cuối và trả lời",
    "print the body unpacked, to the byte": "in nguyên nội dung đã gửi",
    "print id and public key; makes the key": "in mã và khóa công khai; chưa có khóa thì tạo",
    "run each check once, send nothing": "chạy mỗi phép kiểm tra một lần, không gửi gì",
    "print every value": "in mọi giá trị",
    "ask a device once, print what it says": "hỏi một thiết bị một lần, in trả lời",
    "of a probe (docs/probes.md): sip, tls, stamp, …": "tên phép đo (docs/probes.md): sip, tls, …",
    "IP address, inside of probe_networks": "địa chỉ IP, trong probe_networks",
    "port=5060, seconds=2, …": "port=5060, seconds=2, …",
    # What commands print.
    "nothing was sent yet": "chưa gửi gì",
    "agent       {agent}": "tác tử      {agent}",
    "public key  {key}": "khóa        {key}",
    "unit        {unit}": "đơn vị      {unit}",
    "host        {host} ({kind})": "máy         {host} ({kind})",
    "approved    yes: its reports count from now on": "phê duyệt   rồi: từ nay báo cáo được tính",
    "approved    not yet ({why})": "phê duyệt   chưa ({why})",
    "            It may report; nobody is alarmed by it before somebody approves it:": (
        "            Máy được báo cáo; chưa báo động ai cho đến khi có người phê duyệt:"
    ),
    "collector   {collector}": "máy chủ     {collector}",
    "last sent   {at}  report {seq} ({lane} lane)": (
        "gửi lúc     {at}  báo cáo {seq} (luồng {lane})"
    ),
    "answer      {answer}": "trả lời     {answer}",
    "queue       {queue} reports held after it": "hàng đợi    còn {queue} báo cáo sau đó",
    "sent:": "đã gửi:",
    "samples: {n}": "số đo: {n}",
    "events: {n}": "sự kiện: {n}",
    "sections: {n}": "phần: {n}",
    "ok    ": "tốt   ",
    "FAILED": "LỖI   ",
    "{n} values": "{n} giá trị",
    "neither the token nor hosts.csv names this host": "mã ghi danh và hosts.csv không nêu máy này",
    "hosts.csv lists this host as of another kind": "hosts.csv ghi máy này thuộc loại khác",
    "another key has this host's name": "khóa khác đang mang tên máy này",
    "its name looks like that of another host of the unit": (
        "tên giống tên một máy khác của đơn vị"
    ),
    "wanwatch-agent: not enrolled: {error}": "wanwatch-agent: chưa ghi danh được: {error}",
    "wanwatch-agent: the running agent has not changed the key yet; it goes on trying, see its log": (  # noqa: E501
        "wanwatch-agent: tác tử đang chạy chưa đổi được khóa; vẫn đang thử, xem nhật ký của nó"
    ),
    "wanwatch-agent: not changed: {why}": "wanwatch-agent: chưa đổi được: {why}",
    "wanwatch-agent: {error}. Is the data directory usable?": (
        "wanwatch-agent: {error}. Kiểm tra thư mục dữ liệu có dùng được không."
    ),
    # What a device answered.
    "right": "trả lời bình thường",
    "refused": "từ chối kết nối",
    "silent": "không trả lời",
    "garbage": "trả lời sai giao thức",
    "denied": "từ chối đăng nhập",
    "out of service": "báo ngừng phục vụ",
    "busy": "đang bận hoặc trong cuộc gọi",
    "unregistered": "chưa đăng ký",
    "wrong content": "trả nội dung sai",
    "no handshake": "không bắt tay TLS được",
    "unknown": "không rõ",
    "untrusted": "chứng thư không đúng",
}
# What argparse says itself.
AROUND = (
    (r"(?m)^usage: ", "cách dùng: "),
    (r"(?m)^options:$", "tùy chọn:"),
    (r"(?m)^positional arguments:$", "đối số:"),
    (r"show this help message and exit", "hiện hướng dẫn này rồi thoát"),
    (r"\berror: ", "lỗi: "),
    (r"the following arguments are required: ", "thiếu đối số: "),
    (r"unrecognized arguments: ", "đối số lạ: "),
    (r"one of the arguments (.*) is required", r"cần một trong các đối số \1"),
    (r"argument (\S+): ", r"đối số \1: "),
    (r"expected one argument", "cần một giá trị"),
    (r"not allowed with argument (\S+)", r"không dùng cùng \1"),
    (r"invalid choice: (.*) \(choose from (.*)\)", r"không có \1 (chọn trong \2)"),
    (r"invalid (?:float|int) value: (.*)", r"không phải là số: \1"),
)
