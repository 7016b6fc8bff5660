fn main() -> std::process::ExitCode {
    runtime::main(&voting::REMINDER_PAGE)
}
