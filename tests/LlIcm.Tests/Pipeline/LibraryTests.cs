using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm.Tests.Pipeline;

/// <summary>The library as an application calls it: wrong arguments by name, files, tasks that can be awaited, several threads.</summary>
public sealed class LibraryTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public void WhatMakesNoSenseIsRefusedByName()
    {
        var codec = new PictureCodec(tiny.Model);
        var restorer = new PictureRestorer(tiny.Model);
        Picture picture = TinyModel.Picture(32, 32);
        void Coding(string name, CompressOptions options) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => codec.Compress(picture, options)).ParamName);
        foreach (double quality in new[] { double.NaN, 0.9, 8.1, double.PositiveInfinity }) Coding("Quality", new CompressOptions { Quality = quality });
        foreach (double bits in new[] { double.NaN, 0, -1, double.PositiveInfinity }) Coding("BitsPerPixel", new CompressOptions { BitsPerPixel = bits });
        Coding("TargetBytes", new CompressOptions { TargetBytes = 0 });
        Coding("TargetBytes", new CompressOptions { TargetBytes = 1000, BitsPerPixel = 1 });
        Coding("Quality", new CompressOptions { Quality = 4, BitsPerPixel = 1 });
        Coding("Quality", new CompressOptions { Quality = 4, TargetBytes = 1000 });
        Coding("Degradation", new CompressOptions { Degradation = (Degradation)99 });
        void Restoring(string name, RestoreOptions options) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => restorer.Restore(picture, options)).ParamName);
        Restoring("Degradation", new RestoreOptions { Degradation = (Degradation)99 });
        Restoring("Sampler", new RestoreOptions { Sampler = (SamplerKind)99 });
        Restoring("Steps", new RestoreOptions { Steps = 0 });
        Assert.Equal("picture", Assert.Throws<ArgumentNullException>(() => codec.Compress(null!)).ParamName);
        Assert.Equal("file", Assert.Throws<ArgumentNullException>(() => codec.Decompress(null!)).ParamName);
        Assert.Equal("picture", Assert.Throws<ArgumentNullException>(() => restorer.Restore((Picture)null!)).ParamName);
        Assert.Equal("file", Assert.Throws<ArgumentNullException>(() => restorer.Restore((LlicFile)null!)).ParamName);
        Assert.Equal("model", Assert.Throws<ArgumentNullException>(() => new PictureCodec(null!)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PictureCodec(tiny.Model) { StripPixels = 0 });
    }

    [Fact]
    public void AFileIsRestoredAsItsOwnHintSays()
    {
        var codec = new PictureCodec(tiny.Model);
        var restorer = new PictureRestorer(tiny.Model);
        LlicFile file = codec.Compress(TinyModel.Picture(48, 40), new CompressOptions { Quality = 6, Degradation = Degradation.Rainy });
        RestorationResult told = restorer.Restore(codec.Decompress(file), new RestoreOptions { Degradation = Degradation.Rainy }), own = restorer.Restore(file);
        Assert.Equal(Degradation.Rainy, own.Repaired);
        Assert.Equal(told.Picture.Rgb, own.Picture.Rgb);
        Assert.Equal(Degradation.Hazy, restorer.Restore(file, new RestoreOptions { Degradation = Degradation.Hazy }).Repaired);
    }

    [Fact]
    public async Task WorkCanBeAwaitedAndCancelled()
    {
        var codec = new PictureCodec(tiny.Model);
        Picture picture = TinyModel.Picture(64, 48);
        LlicFile file = await codec.CompressAsync(picture, new CompressOptions { Quality = 5 });
        Assert.Equal(codec.Compress(picture, new CompressOptions { Quality = 5 }).ToArray(), file.ToArray());
        Assert.Equal(codec.Decompress(file).Rgb, (await codec.DecompressAsync(file)).Rgb);
        Assert.Equal((64, 48), (await new PictureRestorer(tiny.Model).RestoreAsync(file)).Picture is var restored ? (restored.Width, restored.Height) : default);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => codec.CompressAsync(picture, cancellation: cancelled.Token));
    }

    [Fact]
    public async Task ACancelledCallEndsInTheMiddleOfANetwork()
    {
        // One strip: nothing is looked at between strips. Its first network alone takes longer than the wait.
        using LlIcmModel model = LlIcmModel.Load();
        var codec = new PictureCodec(model);
        Picture large = TinyModel.Picture(1600, 1200);
        codec.Compress(TinyModel.Picture(64, 64));
        var reports = new List<double>();
        using var cancelling = new CancellationTokenSource(TimeSpan.FromMilliseconds(40));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => codec.CompressAsync(large, progress: new Reports(reports), cancellation: cancelling.Token));
        Assert.Empty(reports);
        Assert.NotEmpty(codec.Compress(TinyModel.Picture(64, 64)).ToArray());
    }

    private sealed class Reports(List<double> all) : IProgress<double>
    {
        public void Report(double value) => all.Add(value);
    }

    [Fact]
    public async Task EightThreadsGetWhatOneGets()
    {
        var codec = new PictureCodec(tiny.Model);
        var restorer = new PictureRestorer(tiny.Model);
        Picture[] pictures = [.. Enumerable.Range(0, 8).Select(i => TinyModel.Picture(64 + 8 * i, 48, i))];
        (byte[] File, byte[] Restored) Through(Picture picture)
        {
            LlicFile file = codec.Compress(picture, new CompressOptions { Quality = 5 });
            return (file.ToArray(), restorer.Restore(file, new RestoreOptions { Degradation = Degradation.Noisy }).Picture.Rgb);
        }
        (byte[] File, byte[] Restored)[] alone = [.. pictures.Select(Through)];
        (byte[] File, byte[] Restored)[] together = await Task.WhenAll(pictures.Select(picture => Task.Run(() => Through(picture))));
        for (int i = 0; i < pictures.Length; i++)
        {
            Assert.Equal(alone[i].File, together[i].File);
            Assert.Equal(alone[i].Restored, together[i].Restored);
        }
    }

    [Fact]
    public void AModelThatIsGoneSaysSo()
    {
        using var other = new TinyModel();
        LlIcmModel model = other.Model;
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new PictureCodec(model).Compress(TinyModel.Picture(32, 32)));
        Assert.Throws<ObjectDisposedException>(() => new PictureRestorer(model).Restore(TinyModel.Picture(32, 32)));
    }
}
