fn main() -> std::process::ExitCode {
    runtime::main(&platform::MEMBERS_PAGE)
}
