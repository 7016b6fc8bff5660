fn main() -> std::process::ExitCode {
    runtime::main(&platform::INVITATIONS_PAGE)
}
