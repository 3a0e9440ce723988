namespace LlIcm.Cli.Commands;

/// <summary>What the restorer's networks compute with.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Fp32,

    /// <summary>bfloat16 for convolutions and matrix products.</summary>
    Bf16,
}
