/** What the builder of JupyterLab is told besides: one file for all code, which packs best so. */

module.exports = {
  optimization: {
    splitChunks: { cacheGroups: { all: { chunks: "all", name: "all", test: /lib/, enforce: true } } },
  },
};
