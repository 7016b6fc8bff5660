fn main() -> std::process::ExitCode {
    runtime::main(&voting::EXTERNAL_UPSELL)
}
