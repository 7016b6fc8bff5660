fn main() -> std::process::ExitCode {
    runtime::main(&platform::WELCOME)
}
