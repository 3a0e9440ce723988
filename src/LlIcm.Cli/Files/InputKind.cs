namespace LlIcm.Cli.Files;

/// <summary>Which files a command takes out of a folder.</summary>
[Flags]
public enum InputKind
{
    /// <summary>Pictures.</summary>
    Pictures = 1,

    /// <summary>.llic files.</summary>
    Llic = 2,
}
