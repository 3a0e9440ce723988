using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// Turns a decoded picture into a restored one: a conditional network inside the reverse of a mean-reverting SDE.
/// </summary>
/// <param name="denoiser">The network; not owned.</param>
/// <param name="process">The SDE it was trained with.</param>
public sealed class SdeRestorer(RecordedDenoiser denoiser, IrSdeOptions process)
{
    private readonly ConditionalDenoiser _network = denoiser.Network;

    /// <summary>Restores a picture of any size from 1×1.</summary>
    /// <param name="picture">The decoded picture μ, [B, 3, H, W] in [0, 1], single precision, on the network's
    /// device.</param>
    /// <param name="degradation">DA-CLIP's degradation embedding [B, D], not normalised; null: no prompt.</param>
    /// <param name="content">DA-CLIP's content embedding [B, C], not normalised; null where the network takes
    /// none.</param>
    /// <param name="options">How; null: the defaults.</param>
    /// <param name="afterStep">Called after each step, with the state.</param>
    /// <param name="cancellation">Checked before each step and each tile.</param>
    /// <returns>[B, 3, H, W] in [0, 1].</returns>
    /// <exception cref="ArgumentException">Picture, embeddings or options don't fit the network.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor Restore(
        Tensor picture, Tensor? degradation = null, Tensor? content = null, SdeRestorerOptions? options = null,
        Action<SamplerStep>? afterStep = null, CancellationToken cancellation = default)
    {
        options ??= new SdeRestorerOptions();
        Check(picture, degradation, content);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        picture = picture.ToHost();
        DenoiserContext context = denoiser.Prepare(degradation, content);
        var tiling = new Tiling(
            picture.Size(2), picture.Size(3), options.Tiles.Size, options.Tiles.Overlap, _network.Multiple);
        var predictor = new TiledDenoiser(denoiser, context, tiling, cancellation);
        Tensor restored = Sampler.Sample(
            process, options.Sampler, predictor, picture, new SeededNoise(options.Seed), afterStep, cancellation);
        return scope.Keep(restored.Clamp(0, 1));
    }

    private void Check(Tensor picture, Tensor? degradation, Tensor? content)
    {
        if (picture.Rank != 4 || picture.Size(1) != _network.ImageChannels || picture.ElementCount == 0)
            throw new ArgumentException($"a picture to restore is [B, {_network.ImageChannels}, H, W], not {picture}");
        if (picture.Type != ScalarType.Float)
            throw new ArgumentException($"a picture to restore is Float, not {picture.Type}");
        CheckEmbedding("degradation", degradation, _network.DegradationWidth);
        CheckEmbedding("content", content, _network.ContentWidth);
    }

    private static void CheckEmbedding(string name, Tensor? embedding, int width)
    {
        if (embedding is null || width == 0) return;
        if (embedding.Rank != 2 || embedding.Size(1) != width)
            throw new ArgumentException($"the {name} embedding is [B, {width}], not {embedding}");
    }
}
