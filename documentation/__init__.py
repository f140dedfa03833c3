"""The documentation site: what is made of the code, and the figures of its pages.

python -m mkdocs build            # the site, in build/site (make docs)
python -m documentation.figures   # the figures of rules and models, from their scripts
"""
