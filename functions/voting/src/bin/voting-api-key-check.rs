fn main() -> std::process::ExitCode {
    runtime::main(&voting::API_KEY_CHECK)
}
