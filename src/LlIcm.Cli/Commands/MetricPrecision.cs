namespace LlIcm.Cli.Commands;

/// <summary>What a metric's large network computes with.</summary>
public enum MetricPrecision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,

    /// <summary>Half precision.</summary>
    Fp16,
}
