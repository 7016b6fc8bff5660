fn main() -> std::process::ExitCode {
    runtime::main(&platform::INVITATION_PAGE)
}
