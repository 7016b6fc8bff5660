fn main() -> std::process::ExitCode {
    runtime::main(&platform::PROFILE_PAGE)
}
