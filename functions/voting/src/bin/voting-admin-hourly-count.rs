fn main() -> std::process::ExitCode {
    runtime::main(&voting::ADMIN_HOURLY_COUNT)
}
