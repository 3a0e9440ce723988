using LlIcm.Codecs.Mlic;
using LlIcm.Quality;
using LlIcm.Tensors;
using LlIcm.Training.Data;
using LlIcm.Training.Vision;

namespace LlIcm.Training.Joint;

/// <summary>
/// What the parts of a model are told together: distortion and rate of the codec, the restorer's task, the recognition of the degradation.
/// </summary>
internal sealed class JointLoss(JointNetworks networks, JointRecipe recipe, Device device, Lpips? perceptual)
{
    private readonly ScalarType? _autocast = recipe.AutocastType(device);

    /// <summary>What the restorer is told of a picture's degradation.</summary>
    public JointGuidance Guidance { get; } = new(networks, recipe, device);

    /// <summary>Whether pictures are coded at all: a frozen codec whose pictures nobody sees is left out.</summary>
    public bool Codes => !recipe.FreezeCodec || recipe.DecodedShare > 0;

    /// <summary>The loss of a part with this step's draws, without a step.</summary>
    public JointTerms Of(TrainingBatch batch, long step, BatchPart part)
    {
        Tensor degraded = Tensor.From<float>(batch.Degraded, [batch.Count, 3, batch.Height, batch.Width], device);
        Tensor clean = Clean(batch);
        long[] words = VisionInputs.WordsOf(batch);
        var random = new Random((int)(recipe.SeedOf(step) % int.MaxValue));
        (Tensor? quality, Tensor lambda) = DrawRates(part);

        (Tensor reconstruction, Tensor bitsPerPixel) = Code(degraded, quality, part);
        Tensor squares = (reconstruction - degraded).Square(), error = squares.Mean([1, 2, 3]);
        Tensor distortion = recipe.DegradedDistortionWeight is { } damaged
            ? Distortion(reconstruction, squares, degraded, clean, damaged, batch.Kinds) : error * recipe.DistortionWeight;
        Tensor decoded = ReplaceUncoded(AsFromFile(reconstruction), degraded, random, part);

        // The codec's own way back ends here; without gradients (validation) there is none.
        bool apart = recipe.TellsCodecApart && GradMode.IsEnabled;
        Tensor coded = decoded;
        if (apart) (decoded = coded.Detach()).RequiresGrad = true;

        (Tensor content, Tensor seen) = Guidance.Look(decoded);
        Tensor recognition = Guidance.Recognition(seen, words);
        Tensor degradation = Guidance.Tell(seen, words, random, part);
        // A codec that is trained by itself, its restorer frozen, need not wait for it.
        (Tensor task, Tensor codecTask) = recipe is { TaskWeight: 0, FreezeRestorer: true }
            ? (Tensor.Zeros([part.Count], device: device), Tensor.Zeros([part.Count], device: device))
            : Task(decoded, clean, degradation, content, random, part);

        Tensor relative = lambda * (1 / 0.013);
        Tensor weight = relative.Pow(-recipe.LambdaWeightExponent);
        Tensor Restoration(Tensor losses)
        {
            Tensor sum = (relative.Pow(recipe.TaskLambdaExponent) * losses * recipe.TaskWeight * weight).Mean();
            return recipe.RecognitionWeight > 0 ? sum + recognition * recipe.RecognitionWeight : sum;
        }
        Tensor total = ((lambda * distortion * (255 * 255) + bitsPerPixel * recipe.RateWeight) * weight).Mean() + Restoration(task);
        if (apart && Restoration(codecTask).Gradients([decoded], keepGraph: true)[0] is { } told)
        {
            Tensor carrier = (coded * told).Sum();
            total += carrier - carrier.Detach();
        }
        return new JointTerms(total, bitsPerPixel, error, task, codecTask, recognition, decoded);
    }

    /// <summary>The clean pictures, [B, 3, H, W].</summary>
    public Tensor Clean(TrainingBatch batch) =>
        Tensor.From<float>(batch.Clean, [batch.Count, 3, batch.Height, batch.Width], device);

    // Each picture's loss for the restorer, and what the codec is told instead.
    private (Tensor Restorers, Tensor Codecs) Task(
        Tensor decoded, Tensor clean, Tensor degradation, Tensor content, Random random, BatchPart part)
    {
        int[] times = part.Cut(DrawTimes(part.Total, random));
        if (recipe.RestoredCrop is { } side)
        {
            int left = random.Next(recipe.Crop - side + 1), top = random.Next(recipe.Crop - side + 1);
            Tensor Cut(Tensor pictures) => pictures.Narrow(2, top, side).Narrow(3, left, side);
            (decoded, clean) = (Cut(decoded), Cut(clean));
        }
        Tensor cost = Tensor.Zeros([part.Count], device: device), distance = cost;
        Tensor task = RestorationLoss.Of(
            networks.Restorer, networks.Process, decoded, clean, part.RandnLike(decoded.Detach()), times, degradation, content,
            recipe.Objective, recipe.Squared, _autocast,
            perceptual is null && recipe.CoarseWeight == 0 && recipe.RelativeCoarseWeight == 0 ? null
                : predicted => ((cost, distance) = CostOfPicture(predicted, clean, decoded.Detach())).cost);
        return recipe is { TellsCodecApart: true, CodecPerceptualWeight: { } weight }
            ? (task, (task - cost) * recipe.CodecDifferenceWeight + distance * weight) : (task, task);
    }

    // α of each pixel: what differs from the clean picture is to be repaired and need not be kept, or may be left out at once.
    private Tensor Distortion(
        Tensor reconstruction, Tensor squares, Tensor degraded, Tensor clean, double damaged, IReadOnlyList<Degradation> kinds)
    {
        double halfway = recipe.DegradedDistortionScale * recipe.DegradedDistortionScale;
        Tensor difference = (degraded - clean).Square().Mean([1], keep: true).AvgPool2d(5, 1, 2);
        Tensor sound = (difference * (-Math.Log(2) / halfway)).Exp();
        Tensor Weights(Dictionary<Degradation, double> named, double others) =>
            Tensor.From<float>([.. kinds.Select(kind => (float)named.GetValueOrDefault(kind, others))], [kinds.Count, 1, 1, 1], device);
        Tensor kept = sound * recipe.DistortionWeight + (1 - sound) * Weights(recipe.DegradedDistortion, damaged);
        Tensor distortion = squares * kept;
        if (recipe.CleanDistortion.Count > 0)
            distortion += (reconstruction - clean).Square() * (1 - sound) * Weights(recipe.CleanDistortion, 0);
        return distortion.Mean([1, 2, 3]);
    }

    private (Tensor Reconstruction, Tensor BitsPerPixel) Code(Tensor degraded, Tensor? quality, BatchPart part)
    {
        Tensor Noise(Tensor like) => part.RandLike(like, like.Rank == 3 ? 2 : 0) - 0.5;
        (Tensor, Tensor) Forward()
        {
            MlicOutput output = _autocast is { } type
                ? networks.Codec.ForwardMixed(degraded, quality, Noise, type) : networks.Codec.Forward(degraded, quality, Noise);
            return (output.Reconstruction, output.Bits() * (1.0 / (degraded.Size(2) * degraded.Size(3))));
        }
        if (!recipe.FreezeCodec) return Forward();
        if (!Codes) return (degraded, Tensor.Zeros([part.Count], device: device));
        using var noGrad = GradMode.Disable();
        return Forward();
    }

    // What the recipe keeps from the codec goes on as it is.
    private Tensor ReplaceUncoded(Tensor decoded, Tensor degraded, Random random, BatchPart part)
    {
        if (recipe.DecodedShare == 1) return decoded;
        Tensor pick = Tensor.From<float>(JointGuidance.Draw(recipe.DecodedShare, random, part), [part.Count, 1, 1, 1], device);
        return decoded * pick + degraded * (1 - pick);
    }

    // The gradient passes rounding and clamping unchanged: the distortion term sees the values themselves.
    private Tensor AsFromFile(Tensor reconstruction)
    {
        if (!recipe.RoundDecoded) return reconstruction;
        Tensor values = reconstruction.Detach();
        return reconstruction + ((values.Clamp(0, 1) * 255).Round() * (1 / 255.0) - values);
    }

    // What the predicted pictures cost beside their differences, and LPIPS by itself.
    private (Tensor Cost, Tensor Distance) CostOfPicture(Tensor predicted, Tensor clean, Tensor decoded)
    {
        Tensor distance = perceptual is null ? Tensor.Zeros([clean.Size(0)], device: device)
            : perceptual.Forward(predicted * 2 - 1, clean * 2 - 1).Flatten();
        Tensor cost = distance * recipe.PerceptualWeight;
        if (recipe.CoarseWeight == 0 && recipe.RelativeCoarseWeight == 0) return (cost, distance);
        Tensor means = RestorationLoss.OfMeans(predicted, clean);
        Tensor relative = means / (RestorationLoss.OfMeans(decoded, clean) + 2 / 255.0);
        return (cost + means * recipe.CoarseWeight + relative * recipe.RelativeCoarseWeight, distance);
    }

    private (Tensor? Quality, Tensor Lambda) DrawRates(BatchPart part)
    {
        if (networks.Codec.Gains is not { } gains) return (null, Tensor.Full([part.Count], recipe.Lambda, device: device));
        // Stratified: every batch sees low and high rates.
        long batch = part.Total;
        Tensor position = (Tensor.Arange(0, batch) + Tensor.Rand(batch)) * (1.0 / batch);
        Tensor quality = part.Cut(position * (gains.Levels - 1) + 1).To(device);
        return (quality, gains.Lambda(quality));
    }

    private int[] DrawTimes(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < recipe.StartShare
            ? networks.Process.Steps : random.Next(1, networks.Process.Steps + 1))];
}
