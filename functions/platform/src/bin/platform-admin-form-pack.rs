fn main() -> std::process::ExitCode {
    runtime::main(&platform::ADMIN_FORM_PACK)
}
