fn main() -> std::process::ExitCode {
    runtime::main(&voting::MANAGE_PAGE)
}
