using LlIcm.Quality;

namespace LlIcm.Training.Joint;

/// <summary>
/// How codec, controller and restorer are trained together: stage 2 of the paper,
/// L = α·λ·255²·MSE(x̂, x) + β·bpp + γ·L_task, with x the degraded picture.
/// </summary>
public sealed record JointRecipe : StageRecipe
{
    /// <summary>The compact model's defaults.</summary>
    public JointRecipe()
    {
        Steps = 4_000;
        BatchSize = 4;
        Crop = 256;
        LearningRate = 3e-4;
        FinalLearningRate = 0.01;
        WarmUp = 100;
        DecayShare = 0.8;
        EmaDecay = 0.999;
        Seed = 5;
    }

    /// <summary>α, the weight of the distortion.</summary>
    public double DistortionWeight { get; init; } = 1;

    /// <summary>
    /// α where a picture differs from its clean one; null for the same everywhere. A small one lets the codec leave out what is to be
    /// repaired, while it still codes the sound parts faithfully.
    /// </summary>
    public double? DegradedDistortionWeight { get; init; }

    /// <summary>
    /// The difference from the clean picture (root mean square over 5×5 pixels, of the range 0 to 1) at which α is halfway.
    /// </summary>
    public double DegradedDistortionScale { get; init; } = 0.06;

    /// <summary>
    /// <see cref="DegradedDistortionWeight"/> of single kinds: what lies over a picture, such as noise or rain, need not be kept; what is to
    /// be amplified, as under haze or in shadow, must be.
    /// </summary>
    public Dictionary<Degradation, double> DegradedDistortion { get; init; } = [];

    /// <summary>
    /// Weight of λ·255²·MSE with the clean picture where a picture differs from it, by kind of degradation: the codec itself learns to
    /// leave out what is laid over a picture, such as noise or rain. Positions as for <see cref="DegradedDistortionWeight"/>.
    /// </summary>
    public Dictionary<Degradation, double> CleanDistortion { get; init; } = [];

    /// <summary>β, the weight of the rate.</summary>
    public double RateWeight { get; init; } = 1;

    /// <summary>γ, the weight of the restoration; with 0 a frozen restorer is not evaluated.</summary>
    public double TaskWeight { get; init; } = 10;

    /// <summary>Weight of LPIPS between the predicted and the clean picture, within the restorer's loss.</summary>
    public double PerceptualWeight { get; init; }

    /// <summary>The network of that LPIPS.</summary>
    public LpipsNetwork PerceptualNetwork { get; init; } = LpipsNetwork.Squeeze;

    /// <summary>
    /// Its features' weights, a torchvision checkpoint; null for those that <c>LLICM_LPIPS_WEIGHTS</c> names or the model store holds.
    /// </summary>
    public string? PerceptualFeatures { get; init; }

    /// <summary>
    /// Weight, within the restorer's loss, of the absolute differences between means over 8×8 and over 32×32 pixels of the
    /// predicted and of the clean picture: a slight shift of tone hardly moves the differences of single pixels.
    /// </summary>
    public double CoarseWeight { get; init; }

    /// <summary>
    /// Weight of the same differences relative to those of the decoded picture, plus one level each: where the decoded picture's
    /// tone is right, the restorer is held to keep it, however little that is beside what haze or shadows have to change.
    /// </summary>
    public double RelativeCoarseWeight { get; init; }

    /// <summary>
    /// What the codec is told of the restoration, in place of the restorer's loss: the differences times
    /// <see cref="CodecDifferenceWeight"/> plus this weight of LPIPS. The restorer follows its own loss; the way back through it is gone
    /// twice. Null: both follow one loss.
    /// </summary>
    public double? CodecPerceptualWeight { get; init; }

    /// <summary>Weight of the differences between the predicted and the clean picture in what the codec alone is told.</summary>
    public double CodecDifferenceWeight { get; init; } = 1;

    /// <summary>Weight of the cross entropy of the degradation words, which keeps the recogniser in tune; 0 leaves it out.</summary>
    public double RecognitionWeight { get; init; } = 0.05;

    /// <summary>The trade-off λ of a single-rate codec; a variable-rate one samples its own range.</summary>
    public double Lambda { get; init; } = 0.0130;

    /// <summary>
    /// Exponent of the weight (λ/0.013)^−e of a crop's whole loss: without it high rates drown the low ones.
    /// </summary>
    public double LambdaWeightExponent { get; init; } = 0.5;

    /// <summary>Exponent e of the task's weight γ·(λ/0.013)^e: 0 asks the same of every rate, 1 what the distortion asks.</summary>
    public double TaskLambdaExponent { get; init; }

    /// <summary>What the restorer's output is compared with.</summary>
    public RestorationObjective Objective { get; init; } = RestorationObjective.Prediction;

    /// <summary>Squared instead of absolute differences in the task's loss.</summary>
    public bool Squared { get; init; }

    /// <summary>
    /// Whether the task's gradient reaches the codec through the embeddings too, with CLIP's preprocessing as tensor operators;
    /// else through μ = x̂ alone, with the preprocessing that inference has.
    /// </summary>
    public bool FeatureGradients { get; init; } = true;

    /// <summary>Whether the restorer sees x̂ in 8 bits, as from a file (its gradient passes unchanged).</summary>
    public bool RoundDecoded { get; init; } = true;

    /// <summary>Share of samples at the last time T, where sampling starts; the rest is uniform.</summary>
    public double StartShare { get; init; } = 0.5;

    /// <summary>Share of samples that carry the embedding of the true word instead of the picture's own.</summary>
    public double WordShare { get; init; } = 0.3;

    /// <summary>Share of the samples restored without the degradation's embedding.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>
    /// Share of the samples whose degraded picture is coded and decoded before it is restored; the rest is restored as it is, and tells the
    /// codec nothing about the task. With 0 and a frozen codec the restorer is trained without any codec.
    /// </summary>
    public double DecodedShare { get; init; } = 1;

    /// <summary>
    /// Side in pixels of the part of each crop, drawn anew for every step, that is restored and judged; null: all of it. The codec
    /// codes the whole crop and the vision model looks at it, as it looks at whole pictures in use: the embedding of a small crop,
    /// enlarged to the tower's size, differs from that of a picture made smaller.
    /// </summary>
    public int? RestoredCrop { get; init; }

    /// <summary>Leaves the codec as it is.</summary>
    public bool FreezeCodec { get; init; }

    /// <summary>Leaves the controller and the words as they are.</summary>
    public bool FreezeController { get; init; }

    /// <summary>
    /// Leaves the words' embeddings as they are where the controller is trained: a restorer that was told them keeps understanding them.
    /// </summary>
    public bool FreezeWords { get; init; }

    /// <summary>Leaves the restorer as it is.</summary>
    public bool FreezeRestorer { get; init; }

    /// <summary>Adam's step size of the codec at its highest; the restorer's is <see cref="StageRecipe.LearningRate"/>.</summary>
    public double CodecLearningRate { get; init; } = 1e-4;

    /// <summary>Step size of the quantiles of the factorised prior.</summary>
    public double AuxiliaryLearningRate { get; init; } = 1e-3;

    /// <summary>AdamW's step size of controller and words.</summary>
    public double ControllerLearningRate { get; init; } = 2e-5;

    /// <summary>AdamW's weight decay of controller and words.</summary>
    public double ControllerWeightDecay { get; init; } = 0.02;

    // A frozen codec is told nothing, so that the arms of a comparison can share a recipe.
    internal bool TellsCodecApart => CodecPerceptualWeight is not null && TaskWeight > 0 && !FreezeCodec;

    internal bool NeedsPerceptual => PerceptualWeight > 0 || (TellsCodecApart && CodecPerceptualWeight > 0);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Crop % 64 == 0, "crop must be a multiple of 64");
        Require(DistortionWeight >= 0, "distortion_weight must not be negative");
        Require(DegradedDistortionWeight is null or >= 0, "degraded_distortion_weight must not be negative");
        Require(DegradedDistortionScale > 0, "degraded_distortion_scale must be positive");
        Require(DegradedDistortion.Values.All(weight => weight >= 0), "degraded_distortion must not be negative");
        Require(
            DegradedDistortion.Count == 0 || DegradedDistortionWeight is not null, "degraded_distortion needs degraded_distortion_weight");
        Require(CleanDistortion.Values.All(weight => weight >= 0), "clean_distortion must not be negative");
        Require(
            CleanDistortion.Count == 0 || DegradedDistortionWeight is not null, "clean_distortion needs degraded_distortion_weight");
        Require(RateWeight >= 0, "rate_weight must not be negative");
        Require(TaskWeight >= 0, "task_weight must not be negative");
        Require(PerceptualWeight >= 0, "perceptual_weight must not be negative");
        Require(CodecPerceptualWeight is null or >= 0, "codec_perceptual_weight must not be negative");
        Require(CodecDifferenceWeight >= 0, "codec_difference_weight must not be negative");
        Require(
            CodecDifferenceWeight == 1 || CodecPerceptualWeight is not null, "codec_difference_weight needs codec_perceptual_weight");
        // The loop's scale of the loss does not reach the codec's own way back.
        Require(!TellsCodecApart || Precision != ComputePrecision.Fp16, "codec_perceptual_weight needs precision bf16 or fp32");
        Require(CoarseWeight >= 0, "coarse_weight must not be negative");
        Require(RelativeCoarseWeight >= 0, "relative_coarse_weight must not be negative");
        Require(RecognitionWeight >= 0, "recognition_weight must not be negative");
        Require(Lambda > 0, "lambda must be positive");
        Require(StartShare is >= 0 and <= 1, "start_share must be 0 to 1");
        Require(WordShare is >= 0 and <= 1, "word_share must be 0 to 1");
        Require(EmbeddingDropout is >= 0 and <= 1, "embedding_dropout must be 0 to 1");
        Require(DecodedShare is >= 0 and <= 1, "decoded_share must be 0 to 1");
        Require(
            RestoredCrop is null || (RestoredCrop > 0 && RestoredCrop <= Crop && RestoredCrop % 64 == 0),
            "restored_crop must be a multiple of 64 and no larger than crop");
        Require(CodecLearningRate > 0, "codec_learning_rate must be positive");
        Require(ControllerLearningRate > 0, "controller_learning_rate must be positive");
        Require(AuxiliaryLearningRate > 0, "auxiliary_learning_rate must be positive");
        Require(ControllerWeightDecay >= 0, "controller_weight_decay must not be negative");
        Require(
            !(FreezeCodec && FreezeController && FreezeRestorer),
            "freeze_codec, freeze_controller and freeze_restorer together leave nothing to train");
    }
}
