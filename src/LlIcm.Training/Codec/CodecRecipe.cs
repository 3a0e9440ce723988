namespace LlIcm.Training.Codec;

/// <summary>How a codec is trained: stage 1 of the paper, at one rate or over a range of rates.</summary>
public sealed record CodecRecipe : StageRecipe
{
    /// <summary>The compact codec's defaults.</summary>
    public CodecRecipe()
    {
        Steps = 20_000;
        Crop = 256;
        LearningRate = 5e-4;
        WarmUp = 200;
        DecayShare = 0.6;
        EmaDecay = 0.9995;
    }

    /// <summary>The network: compact, mlic, mlic+ or mlic++.</summary>
    public string Architecture { get; init; } = "compact";

    /// <summary>Step size of the quantiles of the factorised prior.</summary>
    public double AuxiliaryLearningRate { get; init; } = 1e-3;

    /// <summary>
    /// The trade-off λ of a single-rate codec, CompressAI's for the distortion; null: 0.0130 for MSE, 16.64 for MS-SSIM. A
    /// variable-rate one samples its own range.
    /// </summary>
    public double? Lambda { get; init; }

    /// <summary>mse or ms_ssim; the latter wants crops of at least 192.</summary>
    public DistortionKind Distortion { get; init; }

    /// <summary>The trade-off as one of MSE, which weights and logs count in.</summary>
    internal double MseLambda => Lambda is { } lambda ? Codec.Distortion.MseLambda(Distortion, lambda) : 0.0130;

    /// <summary>
    /// Exponent of the loss weight (λ/0.013)^−e in variable-rate training: without it high rates drown the low ones.
    /// </summary>
    public double LambdaWeightExponent { get; init; } = 0.5;

    /// <summary>Share of crops that are degraded before coding: the codec's inputs in use.</summary>
    public double DegradedShare { get; init; } = 0.25;

    /// <summary>Whether g_a and the gains stay as they are, so that the entropy model and g_s can first adapt to them.</summary>
    public bool FreezeAnalysis { get; init; }

    /// <summary>Whether <c>--init</c> names a codec with fewer latents, to go on with more: see <see cref="CodecWidening"/>.</summary>
    public bool Widen { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Crop % 64 == 0, "crop must be a multiple of 64");
        Require(AuxiliaryLearningRate > 0, "auxiliary_learning_rate must be positive");
        Require(Lambda is null or > 0, "lambda must be positive");
        Require(
            Distortion != DistortionKind.MsSsim || Crop > Codec.Distortion.MsSsimLongestRefusedSide,
            $"distortion ms_ssim wants a crop of more than {Codec.Distortion.MsSsimLongestRefusedSide}");
        Require(DegradedShare is >= 0 and <= 1, "degraded_share must be 0 to 1");
    }
}
